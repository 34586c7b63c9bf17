"""`notifications`: what waits to be told, and a message that tries a channel out."""
