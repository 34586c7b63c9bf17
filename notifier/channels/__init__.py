"""Whom the notifier can tell: a file for each kind of channel."""
