"""The password of each role, in a file of its own."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from console.setup.files import SECRET, text_of, write
from shared.errors import PermanentError

RANDOM_BYTES = 32
LEAST_CHARS = 16
FOLDER = 0o700


def passwords_in(folder: Path, roles: Iterable[str], mode: int = SECRET) -> dict[str, str]:
    """By role, from `folder/ROLE`. Files and the folder are made where they are missing, for their owner alone;
    the files with another `mode` where only the folder is to keep others out.

    Repeating is safe: what is there stays. OSError, UnicodeDecodeError where it cannot be read or written;
    PermanentError for a password that is too short.
    """
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    return {role: password_in(folder / role, mode) for role in roles}


def password_in(file: Path, mode: int = SECRET) -> str:
    """As `passwords_in`, for one file in a folder that is there."""
    if not file.exists():
        write(file, f"{secrets.token_urlsafe(RANDOM_BYTES)}\n", mode)
    password = text_of(file).strip()
    if len(password) < LEAST_CHARS:
        raise PermanentError(f"{file} holds no password of at least {LEAST_CHARS} characters: remove it")
    return password
