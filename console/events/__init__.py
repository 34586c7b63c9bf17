"""`events`: what is published, as a contract for whoever binds a queue of their own."""
