"""Public invoices, read and compared field by field with values taken another way."""
