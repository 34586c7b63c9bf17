"""What is remembered between webhooks: folders for a minute, where they were seen last, who the service user is."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import LRUCache, TTLCache

from shared.docspace.model import FileInfo
from shared.docspace.payload import Webhook
from shared.rules.place import Folder
from shared.threads.batching import Gather, Once
from shared.wire.events import EntryId

PATH_TTL_S = 60.0
"""A folder that is moved to another room counts as in its old one for so long, and a room that is renamed or tagged
as it was.
"""

OUTSIDE_TTL_S = 3600.0
"""A hidden folder that is in none of our rooms stays so, unless it is moved there: the sweep finds that sooner, and
what it sends in is asked about anew."""

PATHS = 4096
"""About a megabyte; the folders that a busy portal uploads to within a minute are far fewer."""

FILE_TTL_S = 5.0
"""An upload's two events come within milliseconds, where no other webhook of the portal holds one of them up."""

Path = tuple[Folder, ...]

HIDDEN: Path = ()
"""In the place of a path: the portal hides the folder from the service user."""


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """None: the portal would not say."""

    id: str | None


@dataclass(frozen=True, slots=True)
class SeenFile:
    """What the portal said of a file, and when it was asked: seconds since the epoch."""

    file: FileInfo
    at: float


@dataclass(frozen=True, slots=True)
class _Asked:
    answer: Once[SeenFile]
    triggers: set[str] = field(default_factory=set)
    """Of the events that it served."""


class Memory:
    """Shared by the threads of one process. Answers are kept, a folder that is hidden among them; errors are asked
    again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._paths: TTLCache[str, Path] = TTLCache(PATHS, PATH_TTL_S, timer=clock)
        self._last: LRUCache[str, Path] = LRUCache(PATHS)
        self._hidden: TTLCache[str, Path] = TTLCache(PATHS, PATH_TTL_S, timer=clock)
        self._hidden_lately: TTLCache[str, Path] = TTLCache(PATHS, 2 * PATH_TTL_S, timer=clock)
        self._outside: TTLCache[str, Path] = TTLCache(PATHS, OUTSIDE_TTL_S, timer=clock)
        self._hidden_rooms_before: frozenset[str] | None = None
        self._hidden_rooms: TTLCache[str, frozenset[str]] = TTLCache(1, PATH_TTL_S, timer=clock)
        self._unknown_user: TTLCache[str, ServiceUser] = TTLCache(1, PATH_TTL_S, timer=clock)
        self._user: ServiceUser | None = None
        self._files: TTLCache[tuple[str, str | None], _Asked] = TTLCache(PATHS, FILE_TTL_S, timer=clock)
        self.asking: Gather[None, Callable[[], frozenset[str]], frozenset[str]] = Gather(
            lambda _, asks: [asks[0]()] * len(asks), limit=1_000_000, longest_wait_s=0.0, at_once=1
        )
        """For what many threads want to know of the rooms at once."""

    def file_of(self, webhook: Webhook, ask: Callable[[], SeenFile]) -> SeenFile:
        """What `ask` answers, asked once for the two events of one upload, whose triggers differ.

        Both came after the upload, so one answer serves them. An error is told to those that wait for it, and the
        next asks again.
        """
        key = (str(webhook.entry.id), webhook.entry.modified_at)
        with self._lock:
            asked = self._files.get(key)
            if asked is None or webhook.trigger in asked.triggers:  # a trigger that comes again is another upload
                asked = self._files[key] = _Asked(Once(ask))
            asked.triggers.add(webhook.trigger)
        try:
            return asked.answer.result()
        except BaseException:
            with self._lock:
                if self._files.get(key) is asked:
                    del self._files[key]
            raise

    def path(self, folder_id: EntryId) -> Path | None:
        key = str(folder_id)
        with self._lock:
            return self._paths.get(key) or self._hidden.get(key, self._outside.get(key))

    def keep_path(self, folder_id: EntryId, path: Path) -> None:
        key = str(folder_id)
        with self._lock:
            if path is HIDDEN:
                self._hidden[key] = path
                if key not in self._last:
                    self._hidden_lately[key] = path
            else:
                self._hidden.pop(key, None)
                self._hidden_lately.pop(key, None)
                self._outside.pop(key, None)
                self._paths[key] = self._last[key] = path

    def last_path(self, folder_id: EntryId) -> Path | None:
        """Where the folder lay when it was seen last, however long ago."""
        with self._lock:
            return self._last.get(str(folder_id))

    def is_outside(self, folder_id: EntryId) -> bool:
        """Whether it is hidden, and known to lie in none of our rooms."""
        with self._lock:
            return str(folder_id) in self._outside

    def forget(self, folder_id: EntryId) -> None:
        """Where it lies is to be asked again; where it lay last stays known."""
        with self._lock:
            self._paths.pop(str(folder_id), None)
            self._hidden.pop(str(folder_id), None)
            self._outside.pop(str(folder_id), None)

    def keep_outside(self, folder_id: EntryId) -> None:
        """It was hidden after all of our rooms were seen, in one go."""
        with self._lock:
            self._outside[str(folder_id)] = HIDDEN

    @property
    def hidden_rooms(self) -> frozenset[str] | None:
        """The rules' rooms that the service user cannot see; None: not asked within a minute."""
        with self._lock:
            return self._hidden_rooms.get("")

    def keep_hidden_rooms(self, rooms: frozenset[str], *, all_known: bool = True) -> None:
        """Which folders are hidden is asked anew: what was hidden with its room may be seen by now.

        But what was hidden between two looks that saw all of our rooms is in none of them. Not so where not all are
        known: a hidden room may fit a rule by its name.
        """
        with self._lock:
            if all_known and not rooms and self._hidden_rooms_before == frozenset():
                self._outside.update(self._hidden_lately)
            self._hidden_rooms_before = rooms
            self._hidden_lately.clear()
            self._hidden.clear()
            self._hidden_rooms[""] = rooms

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
