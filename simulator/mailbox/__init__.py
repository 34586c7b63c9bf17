"""A mail server that keeps every mail in memory."""
