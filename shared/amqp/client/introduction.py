"""How a broker introduces itself when one connects, which pika keeps inside."""

import pika


def cluster_name(connection: pika.BlockingConnection) -> str | None:
    """None where it does not tell."""
    found = (connection._impl.server_properties or {}).get("cluster_name")  # noqa: SLF001 - pika tells it nowhere else
    return found.decode(errors="replace") if isinstance(found, bytes) else found
