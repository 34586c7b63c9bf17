"""The portal's own state and rules."""
