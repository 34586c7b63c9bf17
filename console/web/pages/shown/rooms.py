"""The rooms: those that the rules name, and those that uploads came from, each with what is known of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.web.outside import shown
from console.web.pages.shown.quiet import is_quiet
from shared.rules.model import Rule, RuleSet
from shared.store.history.counted import RoomSummary
from shared.store.history.upload import Standing

DAYS = 30


@dataclass(frozen=True, slots=True)
class Room:
    id: str
    name: str
    rules: tuple[Rule, ...]
    """Enabled ones that name it."""
    recipients: tuple[str, ...]
    last_at: float | None
    """When the last upload of these days came in."""
    counts: Mapping[Standing, int]
    quiet: bool

    @property
    def uploads(self) -> int:
        return sum(self.counts.values())


def rooms(rules: RuleSet | None, told: Iterable[RoomSummary], now: float) -> list[Room]:
    """Those of the rules in their order, then the others, the latest first. `told` is of the last DAYS."""
    summaries = {summary.room: summary for summary in told}
    ruled = [room for rule in (rules.enabled if rules else ()) for room in rule.rooms]
    return [_room(room, rules, summaries.get(room), now) for room in dict.fromkeys([*ruled, *summaries])]


def _room(room: str, rules: RuleSet | None, summary: RoomSummary | None, now: float) -> Room:
    naming = tuple(rule for rule in (rules.enabled if rules else ()) if room in rule.rooms)
    counts = summary.uploads_by_standing if summary else {}
    last_at = summary.last_at if summary else None
    return Room(
        id=room,
        name=shown((summary.title if summary else None) or room),
        rules=naming,
        recipients=tuple(dict.fromkeys(each for rule in naming for each in rule.recipients)),
        last_at=last_at,
        counts={standing: counts.get(standing, 0) for standing in Standing},
        quiet=is_quiet(last_at, sum(counts.values()), now, DAYS),
    )
