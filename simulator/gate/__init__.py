"""What stands before the API: keys, scopes, limits, delays."""
