"""Who may use the web console: people, the links that invite them, their sessions. Passwords are kept as hashes."""
