"""`harden`: users and passwords of its own for each service, on broker and database."""
