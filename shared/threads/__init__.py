"""Threads of a process: those that must not end unheard, and what ends a process that stands still."""
