"""A listening socket, at an IPv4 or IPv6 address or a name."""

import errno
import socket

NO_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""The errors of `accept` when file descriptors or the kernel's memory run out. The connection goes on waiting."""


def listen(host: str, port: int, backlog: int | None = None) -> socket.socket:
    """Listens at the first address of `host`; port 0 takes a free port. Raises OSError if that fails."""
    family, _, _, _, where = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(where[:2], family=family, backlog=backlog)
