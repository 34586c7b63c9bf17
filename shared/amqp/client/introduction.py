"""What a broker says about itself when a client connects, which pika keeps in a private field."""

import pika


def cluster_name(connection: pika.BlockingConnection) -> str | None:
    """The broker's cluster name; None if it does not say."""
    found = (connection._impl.server_properties or {}).get("cluster_name")  # noqa: SLF001 - pika tells it nowhere else
    return found.decode(errors="replace") if isinstance(found, bytes) else found
