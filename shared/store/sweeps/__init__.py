"""What the sweep for missed webhooks remembers between runs: known files, hidden events, passes that are due."""
