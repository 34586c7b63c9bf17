"""What needs a person, since when, who was told of it, who acknowledged it, and what is silenced."""
