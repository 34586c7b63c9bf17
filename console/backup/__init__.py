"""`intake backup`: all that the pipeline holds, in one file."""
