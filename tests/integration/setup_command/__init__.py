"""`intake setup` against the simulated portal."""
