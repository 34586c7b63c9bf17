"""A listening socket, at an IPv4 or IPv6 address or a name."""

import errno
import socket

NO_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""Why `accept` fails for want of a file, or of the kernel's memory. The connection still waits then."""


def listen(host: str, port: int, backlog: int | None = None) -> socket.socket:
    """The first address of `host`; port 0 takes a free one. OSError if it cannot be had."""
    family, _, _, _, where = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(where[:2], family=family, backlog=backlog)
