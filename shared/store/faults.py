"""Tells apart data that a database refuses and a database that fails just now, and finds the bad item of a set."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError

from shared.errors import PermanentError
from shared.text.codes import Code

T = TypeVar("T")
R = TypeVar("R")

OF_THE_DATA = frozenset({"21", "22", "23", "54"})
"""Classes of SQLSTATE: cardinality, data, integrity, a limit of the program (an index entry that is too large)."""

UNTAKEN = (OverflowError, UnicodeError)
"""What a driver raises for a Python value that it cannot encode. SQLAlchemy passes it on."""


class UnstorableError(PermanentError):
    """The database refuses this data every time. The rest of the set may be stored without it."""

    code = Code.UNSTORABLE


def is_of_the_data(error: BaseException) -> bool:
    """Whether another try with the same values would fail too."""
    if isinstance(error, UNTAKEN):
        return True
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return sqlstate[:2] in OF_THE_DATA
    is_sqlite = type(error.orig).__module__ == "sqlite3"
    unbound = is_sqlite and isinstance(error, InterfaceError | ProgrammingError) and "bind" in str(error.orig)
    return isinstance(error, DataError | IntegrityError) or unbound


def sentence(error: Exception, password: str) -> str:
    """The error in the words of the database or its driver, on one line and without the password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = " ".join(str(cause).split()) or type(cause).__name__
    if "certificate verify failed" in text:  # libpq says no more
        text += " (it has expired, or its authority is not the one of TLS_CA_FILE or sslrootcert)"
    return text.replace(password, "***") if password else text


def halved(work: Callable[[list[T]], Sequence[R]], items: Sequence[T]) -> list[R | UnstorableError]:
    """What `work` answers for each item; an UnstorableError for each item that it refuses by itself.

    `work` must do all of its items or none, and raise UnstorableError if it refuses them. Any other error of `work`
    is raised.
    """
    given = list(items)
    try:
        return list(work(given))
    except UnstorableError as error:
        if len(given) < 2:  # noqa: PLR2004 - one item alone
            return [error for _ in given]
    middle = len(given) // 2
    return halved(work, given[:middle]) + halved(work, given[middle:])
