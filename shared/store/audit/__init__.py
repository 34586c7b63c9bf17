"""The audit: which person did what, when and through what, and what came of it."""
