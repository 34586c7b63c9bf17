"""Files that hold what clients upload and who is told: for the user alone under whom the process runs."""

import contextlib
import os
import stat
from pathlib import Path

OWNER_ALONE = 0o600


def make_private(path: Path) -> None:
    """Make the file, if there is none, so that nobody else reads it. One that is there keeps its mode.

    Where it cannot be made, whoever opens it next says why. It is never opened here: closing a file takes away all
    locks that this process has on it, and SQLite's with them (sqlite.org/howtocorrupt.html, 2.2).
    """
    with contextlib.suppress(OSError):
        os.mknod(path, OWNER_ALONE | stat.S_IFREG)
