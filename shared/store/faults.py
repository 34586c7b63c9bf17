"""Tells what a database refuses because of what it was given from what it cannot do now, and finds the bad item."""

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
"""What a driver raises for a value of Python's that it has no spelling for; SQLAlchemy passes it on."""


class UnstorableError(PermanentError):
    """The database refuses what it was given, whenever it is given; without it the rest may go in."""

    code = Code.UNSTORABLE


def is_of_the_data(error: BaseException) -> bool:
    """Whether another try with the same values would fare no better."""
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
    """The database's own words, or its driver's, on one line and without the password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = " ".join(str(cause).split()) or type(cause).__name__
    return text.replace(password, "***") if password else text


def halved(work: Callable[[list[T]], Sequence[R]], items: Sequence[T]) -> list[R | UnstorableError]:
    """What `work` answers for each; the error for those that it cannot take though they are alone.

    `work` does all of its items or none, and raises UnstorableError; whatever else it raises is raised.
    """
    given = list(items)
    try:
        return list(work(given))
    except UnstorableError as error:
        if len(given) < 2:  # noqa: PLR2004 - alone
            return [error for _ in given]
    middle = len(given) // 2
    return halved(work, given[:middle]) + halved(work, given[middle:])
