"""Which uploads are invoices, where they belong and who is told. Pure but for reading the rules file."""
