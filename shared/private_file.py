"""Files that hold what clients upload and who is told: for the user alone under whom the process runs."""

import contextlib
import os
from pathlib import Path

OWNER_ALONE = 0o600


def make_private(path: Path) -> None:
    """Make the file, if there is none, so that nobody else reads it. One that is there keeps its mode.

    Where it cannot be made, whoever opens it next says why.
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, OWNER_ALONE))
