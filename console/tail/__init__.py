"""`tail`: events as they happen."""
