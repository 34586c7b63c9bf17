"""`status`: what waits, what runs and what is ready."""
