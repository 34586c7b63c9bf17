"""The webhooks that the portal sends."""
