"""The one place that makes a blocking connection, for people's commands; each step of connecting is bounded."""

import contextlib
from collections.abc import Iterator, Sequence

import pika
from pika.exceptions import AMQPError

from shared.amqp.client.address import parameters as read
from shared.amqp.confirms import UnavailableError

TIMEOUT_S = 5.0
"""For each step of connecting; and for a broker that takes no publishes, short of memory or disk."""


def connect(urls: Sequence[str], name: str) -> pika.BlockingConnection:
    """To the first that answers; UnavailableError says why none does, without the URLs' passwords.

    `name` is for the management page. End it with `close`, or use `connected`.
    """
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


@contextlib.contextmanager
def connected(urls: Sequence[str], name: str) -> Iterator[pika.BlockingConnection]:
    """As `connect`, and closed in the end."""
    connection = connect(urls, name)
    ended_by: BaseException | None = None
    try:
        yield connection
    except BaseException as error:
        ended_by = error
        raise
    finally:
        close(connection, ended_by)


def close(connection: pika.BlockingConnection, ended_by: BaseException | None = None) -> None:
    """What was done stands, however the connection ends; repeating it is safe.

    Ctrl-C leaves pika in the middle of a step, from which it cannot close: the process ends, and all with it.
    """
    if isinstance(ended_by, KeyboardInterrupt):
        return
    with contextlib.suppress(AMQPError):
        if connection.is_open:
            connection.close()


def cause(error: BaseException) -> str:
    """The innermost of pika's wrappings: their own texts are often empty."""
    while True:
        inner = getattr(error, "exception", None) or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            return str(error) or type(error).__name__
        error = inner
