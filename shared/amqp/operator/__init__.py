"""Blocking, for people's commands."""
