"""The rooms: those that the rules name, and those that uploads came from, each with what is known of it. Pure.

The history keeps no tags: of a rule that takes rooms by a tag alone it is not known which rooms it takes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.web.outside import shown
from console.web.pages.shown.quiet import is_quiet
from shared.rules.model import Rule, RuleSet
from shared.rules.place import Folder
from shared.rules.rooms import RoomTest
from shared.store.history.counted import RoomSummary
from shared.store.history.upload import Standing

DAYS = 30


@dataclass(frozen=True, slots=True)
class Taking:
    """A rule that takes what is uploaded to a room."""

    rule: Rule
    by: RoomTest | None
    """What of the rule the room's name fits; None where the rule names the room's id."""


@dataclass(frozen=True, slots=True)
class Room:
    id: str
    name: str
    taken: tuple[Taking, ...]
    """By enabled rules, as far as is known."""
    perhaps: tuple[Rule, ...]
    """Enabled rules that take it if it has one of their tags, which only the portal knows."""
    last_at: float | None
    """When the last upload of these days came in."""
    counts: Mapping[Standing, int]
    quiet: bool

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for taking in self.taken for each in taking.rule.recipients))

    @property
    def uploads(self) -> int:
        return sum(self.counts.values())


def rooms(rules: RuleSet | None, told: Iterable[RoomSummary], now: float) -> list[Room]:
    """Those of the rules in their order, then the others, the latest first. `told` is of the last DAYS."""
    summaries = {summary.room: summary for summary in told}
    ruled = [room for rule in (rules.enabled if rules else ()) for room in rule.rooms]
    return [room(each, rules, summaries.get(each), now) for each in dict.fromkeys([*ruled, *summaries])]


def room(
    room_id: str, rules: RuleSet | None, summary: RoomSummary | None, now: float, title: str | None = None
) -> Room:
    """`title` where the summary, which is of the last DAYS, has none."""
    title = (summary.title if summary else None) or title
    enabled = rules.enabled if rules else ()
    taken = tuple(taking for rule in enabled if (taking := _taking(rule, room_id, title)))
    counts = summary.uploads_by_standing if summary else {}
    last_at = summary.last_at if summary else None
    return Room(
        id=room_id,
        name=shown(title or room_id),
        taken=taken,
        perhaps=tuple(rule for rule in enabled if rule.room_tags and rule not in [each.rule for each in taken]),
        last_at=last_at,
        counts={standing: counts.get(standing, 0) for standing in Standing},
        quiet=is_quiet(last_at, sum(counts.values()), now, DAYS),
    )


def fitting(rule: Rule, told: Iterable[RoomSummary]) -> list[RoomSummary]:
    """Those rooms that the rule takes by their names, and does not name by their ids."""
    return [
        summary
        for summary in told
        if (taking := _taking(rule, summary.room, summary.title)) and taking.by is not None
    ]


def _taking(rule: Rule, room_id: str, title: str | None) -> Taking | None:
    if room_id in rule.rooms:
        return Taking(rule, None)
    by = rule.fitting(Folder(room_id, title, is_room=True)) if title else None
    return Taking(rule, by) if by else None
