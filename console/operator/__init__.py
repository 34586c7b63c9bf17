"""Tells the operator of problems: once when one starts, once a day while it lasts, once when it has ended."""
