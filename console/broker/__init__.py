"""`broker`: the broker's users."""
