"""`intake restore`: what a backup holds, back where it belongs."""
