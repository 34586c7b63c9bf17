"""The simulator's own routes, with which a test controls the portal."""
