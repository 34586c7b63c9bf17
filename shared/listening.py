"""A listening socket, at an IPv4 or IPv6 address or a name."""

import socket


def listen(host: str, port: int, backlog: int | None = None) -> socket.socket:
    """The first address of `host`; port 0 takes a free one. OSError if it cannot be had."""
    family, _, _, _, where = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(where[:2], family=family, backlog=backlog)
