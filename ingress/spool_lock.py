"""The lock that gives one process a spool's file: the kernel's, so it ends with the process, also by SIGKILL.

It is on a file beside the spool's, `spool.db.lock`, which stays: the spool's own file may be deleted, and whoever
waited for a lock on a deleted file would write where nobody reads.
"""

import fcntl
import os
from pathlib import Path


class Lock:
    """BlockingIOError if another process has it, or this one already; OSError if the disk cannot keep one."""

    def __init__(self, path: Path) -> None:
        """`path` is the file that it is for."""
        self._file: int | None = os.open(
            path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        """Repeating is safe."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
