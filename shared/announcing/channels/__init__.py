"""The channels that the notifier can tell people on: one file for each kind."""
