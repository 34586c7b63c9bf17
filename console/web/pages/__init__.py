"""The pages of the web console, a module each."""
