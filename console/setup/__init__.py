"""`intake setup`: from a portal and a key to a configured intake. One file per question; `run` is their order."""
