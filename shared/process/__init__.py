"""A process's: settings, command line, logs."""
