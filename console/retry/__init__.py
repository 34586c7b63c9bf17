"""`retry`: what waits for a person, or for its next try, is tried now."""
