"""What every process has: settings, command line, logs."""
