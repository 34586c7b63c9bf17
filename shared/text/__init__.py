"""Text from outside: cut and cleaned once, where it enters something that cannot hold it all."""
