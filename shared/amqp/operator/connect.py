"""Makes the blocking connections of people's commands; each step of connecting has a time limit."""

import contextlib
from collections.abc import Iterator, Sequence

import pika
from pika.exceptions import AMQPError, ProbableAccessDeniedError, ProbableAuthenticationError

from shared.amqp.client.address import distrusted
from shared.amqp.client.address import parameters as read
from shared.amqp.confirms import UnavailableError

TIMEOUT_S = 5.0
"""The limit for each step of connecting. Also for a broker that takes no publishes because its memory or disk is
short."""
_REFUSED = "(403)"
"""pika says the same of a connection that was lost while signing in; only the broker's own answer has this code."""


def connect(urls: Sequence[str], name: str) -> pika.BlockingConnection:
    """Connect to the first URL that answers. UnavailableError says why none does, without the URLs' passwords.

    `name` is shown on the management page. End it with `close`, or use `connected`.
    """
    reasons = []
    for url in urls:
        try:
            parameters = read(url)
        except ValueError as error:
            reasons.append(f"a URL that {error}")
            continue
        try:
            return _opened(parameters, name)
        except (AMQPError, OSError) as error:
            reasons.append(f"{parameters.host}:{parameters.port} ({cause(error)})")
    raise UnavailableError(f"no broker answers at {', '.join(reasons)}")


def signs_in(url: str, name: str) -> bool:
    """Whether the broker knows the user and the password in `url`, also where this user may open nothing there.

    UnavailableError if it does not say. Repeating is safe.
    """
    parameters = read(url)
    try:
        connection = _opened(parameters, name)
    except ProbableAccessDeniedError:
        return True
    except (AMQPError, OSError) as error:
        if isinstance(error, ProbableAuthenticationError) and _REFUSED in str(error):
            return False
        raise UnavailableError(
            f"no broker answers at {parameters.host}:{parameters.port} ({cause(error)})"
        ) from error
    close(connection)
    return True


def _opened(parameters: pika.URLParameters, name: str) -> pika.BlockingConnection:
    parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_S
    parameters.blocked_connection_timeout = TIMEOUT_S
    parameters.client_properties = {"connection_name": name}
    return pika.BlockingConnection(parameters)


@contextlib.contextmanager
def connected(urls: Sequence[str], name: str) -> Iterator[pika.BlockingConnection]:
    """Like `connect`; the connection is closed at the end."""
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
    """Close the connection, whatever state it is in. Repeating is safe.

    After Ctrl-C pika may be in the middle of a step from which it cannot close; the connection then ends with the
    process.
    """
    if isinstance(ended_by, KeyboardInterrupt):
        return
    with contextlib.suppress(AMQPError):
        if connection.is_open:
            connection.close()


def cause(error: BaseException) -> str:
    """The innermost error: pika's own texts around it are often empty."""
    if why := distrusted(error):
        return f"it {why}"
    while True:
        inner = getattr(error, "exception", None) or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            return str(error) or type(error).__name__
        error = inner
