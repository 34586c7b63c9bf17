"""How a command reaches the broker, the portal and the workers."""
