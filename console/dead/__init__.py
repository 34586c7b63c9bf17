"""`dead`: the dead letters, listed, shown, replayed and discarded."""
