"""What a person sees of the console: the one place that writes to a terminal or a pipe."""
