"""The files of one SPOOL_PATH: each ingress writes one, and takes over those of ingresses that are gone.

`var/spool.db` is the first, `var/spool-2.db` the second, and so on. Whose file it is, its lock alone says.
"""

import re
import time
from pathlib import Path

import structlog

from ingress.spool_database import SpoolError, SpoolInUseError, SpoolPathError
from ingress.spool_file import SpoolFile

MOST = 100
"""The most files of one path. More ingresses on one disk are a mistake."""

log = structlog.get_logger()


def first_free(path: Path) -> SpoolFile:
    """The first file that no other ingress has; made if it is not there. Raises what SpoolFile does."""
    for number in range(1, MOST + 1):
        try:
            return SpoolFile(path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}"))
        except SpoolInUseError:
            continue
    raise SpoolInUseError(f"{path} and the {MOST - 1} files beside it are in use by other processes")


class LeftBehind:
    """The files of ingresses that are gone. Only one thread may call it; any may read its figures."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.files: tuple[SpoolFile, ...] = ()
        """Those that this ingress has taken over: each has events, of which some may be set aside."""
        self._oldest_at: float | None = None

    def __len__(self) -> int:
        """Events that wait for the broker."""
        return sum(len(file) for file in self.files)

    @property
    def set_aside_count(self) -> int:
        """Events that wait for a person."""
        return sum(file.held.aside for file in self.files)

    def oldest_age_s(self) -> float:
        """Seconds since the oldest event in them was received, as `take` last saw it; 0 if there is none."""
        return 0.0 if self._oldest_at is None else max(0.0, time.time() - self._oldest_at)

    def take(self) -> None:
        """Take over each file whose lock is free. An empty one is deleted. Repeating is safe."""
        for path in self._present():
            if path in [file.path for file in self.files]:
                continue
            try:
                file = SpoolFile(path)
            except SpoolInUseError:
                continue
            except (SpoolError, SpoolPathError) as error:
                log.warning("spool.not_taken_over", path=str(path), reason=str(error))
                continue
            if any(file.held):
                log.warning("spool.taken_over", path=str(path), events=len(file), set_aside=file.held.aside)
            self.files = (*self.files, file)
        self.let_go()
        try:
            self._oldest_at = min((at for file in self.files if (at := file.oldest_at()) is not None), default=None)
        except SpoolError as error:
            log.warning("spool.unread", reason=str(error))

    def let_go(self) -> None:
        """Delete those that are empty by now."""
        empty = [file for file in self.files if not any(file.held)]
        self.files = tuple(file for file in self.files if file not in empty)
        for file in empty:
            try:
                file.delete()
            except OSError as error:
                log.warning("spool.not_deleted", path=str(file.path), reason=str(error))
        if not self.files:
            self._oldest_at = None

    def close(self) -> None:
        """Leave them to others."""
        left, self.files = self.files, ()
        for file in left:
            file.close()

    def _present(self) -> list[Path]:
        numbers = re.compile(rf"{re.escape(self._path.stem)}(?:-(\d{{1,3}}))?{re.escape(self._path.suffix)}")
        try:
            beside = list(self._path.parent.iterdir())
        except OSError as error:
            log.warning("spool.not_taken_over", path=str(self._path.parent), reason=str(error))
            return []
        found = [(int(match[1] or 1), path) for path in beside if (match := numbers.fullmatch(path.name))]
        return [path for _, path in sorted(found)]
