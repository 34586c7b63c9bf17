"""Tells who wants it, once a day, which uploads lay in the right room and were not taken for their title alone."""
