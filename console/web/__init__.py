"""The web console, `intake web`: pages over the same modules as the commands. It has no key of the portal."""
