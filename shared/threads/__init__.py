"""Threads: those that must not die unnoticed, and a watchdog that ends a process which stands still."""
