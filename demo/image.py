"""What the image gives every part beside its settings, for those that run as plain processes."""

ENVIRON = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0"}
"""One heap for all threads. Else each keeps freed memory for itself: 0.1 MB for each of hundreds of threads."""
