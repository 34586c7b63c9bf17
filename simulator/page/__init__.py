"""The portal's page for people."""
