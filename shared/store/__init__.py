"""What the databases hold, and in which version."""
