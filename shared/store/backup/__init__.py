"""The whole database, taken out and put back. Its rows go from either kind to the other."""
