"""`database`: the database's roles."""
