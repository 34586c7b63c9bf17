"""`topology`: makes what the workers need, on the broker and in the database."""
