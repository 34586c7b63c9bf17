"""What lay in a room when its rule was made, so that no pass takes it for missed.

A time alone cannot tell an old file in a folder that is moved in later from one that always lay there, so each is
written down by its id. It is kept for each room and title pattern: that is what makes a file an invoice there. A
pattern that is added to a rule gets a baseline of its own, and what the others would miss stays missed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from console.reconcile.upload import identity
from shared.docspace.model import FileInfo
from shared.rules.ids import entry_id, id_text
from shared.rules.model import RuleSet
from shared.rules.titles import TitleTest
from shared.store.sweeps.store import Baseline, SweepStore
from shared.wire.events import EntryId


class Baselines:
    """As the store has them now.

    `overridden`: what changed since then is judged whatever they say.
    """

    def __init__(
        self,
        rules: RuleSet,
        stored: Mapping[tuple[str, str], Baseline],
        overridden: datetime | None = None,
        new_since: float | None = None,
    ) -> None:
        """`new_since`: a rule that was first met later is new, and left to who made it for the moment."""
        self._rules, self._stored = rules, stored
        self._overridden = overridden
        self._new_since = new_since
        self._patterns: defaultdict[str, dict[str, TitleTest]] = defaultdict(dict)
        for rule in rules.enabled:
            for room in rule.rooms:
                self._patterns[room] |= {str(pattern): pattern for pattern in rule.titles}

    def with_new(self, since: float, now: float) -> "Baselines":
        """The same with what was never met begun, as the store will have it."""
        begun = {
            (id_text(room), part): Baseline(since, now, done=False)
            for room in self.rooms()
            for part in self.missing(room)
        }
        return Baselines(self._rules, {**self._stored, **begun}, self._overridden, self._new_since)

    def rooms(self) -> tuple[EntryId, ...]:
        """Each of the rules' rooms once."""
        return tuple(map(entry_id, self._patterns))

    def parts(self, room: EntryId) -> tuple[str, ...]:
        return tuple(self._patterns[id_text(room)])

    def parts_for(self, room: EntryId, title: str) -> tuple[str, ...]:
        """By which it is an invoice in that room."""
        return tuple(part for part, pattern in self._patterns[id_text(room)].items() if pattern.matches(title))

    def missing(self, room: EntryId) -> tuple[str, ...]:
        """Parts that were never met before."""
        return tuple(part for part in self.parts(room) if (id_text(room), part) not in self._stored)

    def unfinished(self, room: EntryId) -> dict[str, Baseline]:
        """Those that a pass through the whole room is to finish."""
        found = {part: self._stored.get((id_text(room), part)) for part in self.parts(room)}
        return {
            part: each
            for part, each in found.items()
            if each is not None and not each.done and not self.is_new(room, part)
        }

    def is_new(self, room: EntryId, part: str) -> bool:
        stored = self._stored.get((id_text(room), part))
        since = self._new_since
        return stored is not None and not stored.done and since is not None and stored.begun_at > since

    def is_overridden(self, file: FileInfo) -> bool:
        at = file.modified_at
        return self._overridden is not None and (at is None or at >= self._overridden)

    def is_before(self, room: EntryId, part: str, file: FileInfo) -> bool:
        """By its time, where the baseline is not there yet or not finished."""
        stored = self._stored.get((id_text(room), part))
        if stored is None or stored.done or file.modified_at is None:
            return False
        return file.modified_at < datetime.fromtimestamp(stored.since, UTC)


def write_down(
    store: SweepStore, room: EntryId, unfinished: Mapping[str, Baseline], page: Iterable[FileInfo]
) -> None:
    """Of a page of the room: what is older than each baseline. Repeating it changes nothing."""
    files = list(page)
    for part, baseline in unfinished.items():
        since = datetime.fromtimestamp(baseline.since, UTC)
        old = [identity(file) for file in files if file.modified_at is None or file.modified_at < since]
        store.know(id_text(room), part, old)
