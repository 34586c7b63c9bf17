"""What is remembered between webhooks: folder paths for a minute, and who the service user is."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TTLCache

from shared.events import EntryId
from shared.rules.finding import Folder

PATH_TTL_S = 60.0
"""A folder that is moved to another room counts as in its old one for so long."""

PATHS = 4096
"""About a megabyte; the folders that a busy portal uploads to within a minute are far fewer."""

Path = tuple[Folder, ...]


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """None: the portal would not say."""

    id: str | None


class Memory:
    """Shared by the threads of one process. Only answers are kept: a refusal or an error is asked again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._paths: TTLCache[str, Path] = TTLCache(PATHS, PATH_TTL_S, timer=clock)
        self._unknown_user: TTLCache[str, ServiceUser] = TTLCache(1, PATH_TTL_S, timer=clock)
        self._user: ServiceUser | None = None

    def path(self, folder_id: EntryId) -> Path | None:
        with self._lock:
            return self._paths.get(str(folder_id))

    def keep_path(self, folder_id: EntryId, path: Path) -> None:
        with self._lock:
            self._paths[str(folder_id)] = path

    @property
    def service_user(self) -> ServiceUser | None:
        """None: not asked, or asked in vain a while ago."""
        with self._lock:
            return self._user or self._unknown_user.get("")

    def keep_service_user(self, user: ServiceUser) -> None:
        """A known one for good: a key acts as one user. An unknown one until it is worth asking again."""
        with self._lock:
            if user.id is None:
                self._unknown_user[""] = user
            else:
                self._user = user
