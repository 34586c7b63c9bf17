"""What a person has done to many uploads at once: counted first, on record, stopped and resumed. See `ask`."""
