"""Calls a handler, and turns the errors that it raises into outcomes."""

from collections.abc import Callable

import structlog

from shared.errors import PermanentError, TransientError
from shared.text.codes import Code
from shared.threads.batching import is_repeated
from shared.wire.message import Message
from shared.wire.outcome import Dead, Outcome, Retry

log = structlog.get_logger()

HANDLER_LIMIT_S = 600.0
"""A handler's own time limits end it far sooner (tests/unit/test_time_limits.py). One that runs for this long
would never end."""

LONGEST_FLOOR_S = 600.0
"""The longest wait that is kept, even if the other side asks for more (up to a day for a day's limit of writes).
A person may lift such a limit, so it is asked again."""

Handler = Callable[[Message], Outcome]
"""May raise TransientError or PermanentError. Any other error is a bug, and the message takes the retry ladder."""


def outcome_of(handler: Handler, message: Message) -> Outcome:
    """The handler's outcome; an error that it raised becomes one."""
    try:
        return handler(message)
    except TransientError as error:
        return retry_for(error)
    except PermanentError as error:
        return Dead(str(error), error.code)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        log.exception("handler.failed", message_id=message.message_id, error=told, exc_info=not is_repeated(error))
        return Retry(f"unexpected {told}", Code.UNEXPECTED)


def retry_for(error: TransientError) -> Retry:
    wait_s = error.retry_after_s
    floor_s = None if wait_s is None else min(wait_s, LONGEST_FLOOR_S)
    return Retry(str(error), error.code, floor_s, error.untried, ages=not error.untried)
