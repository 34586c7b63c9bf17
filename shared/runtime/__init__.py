"""A stage's machinery: how a message is handled, settled and retried, and how the stage says how it is."""
