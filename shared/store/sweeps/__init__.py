"""What the sweep remembers between two runs: what it knew from before, what hid events, which passes are due."""
