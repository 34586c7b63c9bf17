"""A blocking connection for a command: to the first URL that answers, with a bound on each step of connecting."""

from collections.abc import Sequence

import pika
from pika.exceptions import AMQPError

from shared.amqp.client.address import parameters as read
from shared.amqp.confirms import UnavailableError

TIMEOUT_S = 5.0
"""For each step of connecting; and for a broker that takes no publishes, short of memory or disk."""


def connect(urls: Sequence[str], name: str) -> pika.BlockingConnection:
    """UnavailableError says why none answers, without the URLs' passwords. `name` is for the management page."""
    reasons = []
    for url in urls:
        try:
            parameters = read(url)
        except ValueError as error:
            reasons.append(f"a URL that {error}")
            continue
        parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_S
        parameters.blocked_connection_timeout = TIMEOUT_S
        parameters.client_properties = {"connection_name": name}
        try:
            return pika.BlockingConnection(parameters)
        except (AMQPError, OSError) as error:
            reasons.append(f"{parameters.host}:{parameters.port} ({cause(error)})")
    raise UnavailableError(f"no broker answers at {', '.join(reasons)}")


def cause(error: BaseException) -> str:
    """The innermost of pika's wrappings: their own texts are often empty."""
    while True:
        inner = getattr(error, "exception", None) or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            return str(error) or type(error).__name__
        error = inner
