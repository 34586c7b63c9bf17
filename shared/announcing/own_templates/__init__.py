"""Messages by templates of the user's own, in a process that can be killed and holds no secret."""
