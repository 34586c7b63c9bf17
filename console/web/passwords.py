"""Passwords: what is one, and whether it is the right one. Two are looked at at once, as each takes 19 MiB."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""What OWASP's cheat sheet asks for: 19 MiB, two passes, one lane."""
_AT_ONCE = threading.Semaphore(2)


class BadPasswordError(ValueError):
    """Not a password that a person may set; `str()` says why."""


def hash_for(password: str, name: str) -> str:
    """BadPasswordError."""
    if len(password) < SHORTEST:
        raise BadPasswordError(f"a password has at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise BadPasswordError(f"a password has at most {LONGEST} characters")
    if password.casefold() == name.casefold() or len(set(password)) == 1:
        raise BadPasswordError("this password is the first that anybody would try")
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """`kept` is None for a name that nobody has, or who has no password: it takes as long as a wrong one."""
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _nobodys(), password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def _nobodys() -> str:
    global _nobody  # noqa: PLW0603 - made once, when it is first needed
    _nobody = _nobody or _HASHER.hash("nobody's password")
    return _nobody


_nobody = ""
