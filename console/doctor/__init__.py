"""Checks everything between the portal and the mailbox: one file per area, each a function that yields lines."""
