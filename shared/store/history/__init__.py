"""The history of every upload, from webhook to mail: what its steps mean, and where they are kept."""
