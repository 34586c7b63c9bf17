"""What a request passes before the API: keys, scopes, limits, delays."""
