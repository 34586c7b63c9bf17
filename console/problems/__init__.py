"""What needs a person, each thing once and by its cause: for `problems`, `status`, the web pages and messages."""
