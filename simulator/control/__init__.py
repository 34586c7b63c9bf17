"""A test's handles on the portal."""
