"""Finds out from the portal what the rules need to decide about one webhook. The rules decide, not this."""
