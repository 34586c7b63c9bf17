"""The environment variables that the image sets, for parts that run as plain processes."""

ENVIRON = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0"}
"""One heap for all threads. Else each of hundreds of threads keeps 0.1 MB of freed memory for itself."""
