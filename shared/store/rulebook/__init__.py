"""Published rules: every text that was published, and which of them has been live since when."""
