"""How each endpoint stands, and its last attempts."""
