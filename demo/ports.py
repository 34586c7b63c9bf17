"""Free TCP ports on loopback for programs that this project starts itself."""

import secrets
import socket
from collections import deque

# Below Linux's ephemeral range (from 32768): else an outgoing connection may take a port between our look and the
# bind. RabbitMQ's command line tools bind 35672 to 35682.
LOWEST_PORT, HIGHEST_PORT = 20000, 30000

_given: deque[int] = deque(maxlen=300)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Distinct free ports, none of them given to this process lately. Nothing reserves them, so bind soon."""
    found: list[int] = []
    while len(found) < count:
        port = LOWEST_PORT + secrets.randbelow(HIGHEST_PORT - LOWEST_PORT)
        if port not in found and port not in _given and is_free(port):
            found.append(port)
            _given.append(port)
    return found


def free_port() -> int:
    return free_ports(1)[0]


def free_or_default(default: int) -> int:
    """`default` if nobody listens on it, else a free port."""
    return default if is_free(default) else free_port()
