"""What the pages that change the rules share: the desk that publishes, the audit, and what would change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from console.rules.as_action import as_action
from console.rules.publishing import Publishing
from console.rules.recorded import MOST, Recorded, recorded_changes
from console.rules.what_if import Compared
from console.web.pages.acting import by, place
from console.web.pages.known import rules_here
from console.web.pages.shown.quiet import DAY_S
from console.web.site import RefusedError, Visit
from shared.errors import IntakeError, PermanentError
from shared.process.live_rules import RuledDatabase
from shared.process.settings import SettingsError, load
from shared.rules.model import RuleSet
from shared.text.outside import storable

CONFLICT, BAD = 409, 400
DAYS, SHOWN = 7, 50
COMMENT_BYTES = 500

Publish = Callable[[str, str], int]
"""Makes rules live, and gives their version."""


def desk_of(visit: Visit) -> Publishing:
    """PermanentError where the settings are wrong."""
    try:
        load(RuledDatabase, visit.context.environ)
    except SettingsError as error:
        raise PermanentError(f"these settings are wrong: {'; '.join(str(error).splitlines())}") from error
    return Publishing(visit.context.environ)


def changing_desk(visit: Visit) -> Publishing:
    """RefusedError where what is published would not be live."""
    desk = desk_of(visit)
    if desk.overruled_by() is not None:
        raise RefusedError(
            CONFLICT, visit._("RULES_FILE is set and wins: the rules are changed in that file, and not here")
        )
    return desk


def last_switch(desk: Publishing) -> int:
    """What a publisher saw live; 0 for none."""
    return next((switch.number for switch in desk.switches()), 0)


def seen_switch(visit: Visit) -> int:
    """As the form says it."""
    seen = visit.given("over")
    if not (seen.isascii() and seen.isdecimal() and len(seen) < 10):  # noqa: PLR2004 - what the databases count to
        raise RefusedError(BAD, visit._("the form says nothing of which rules were seen: go back, and ask anew"))
    return int(seen)


def comment(visit: Visit) -> str:
    """Stripped; empty where none is given."""
    return storable(" ".join(visit.given("comment").split()), COMMENT_BYTES)


def make_live(visit: Visit, verb: str, facts: Mapping[str, object], publish: Publish, *, over: int) -> None:
    """`publish` is given who does it and why. What it raises is raised; TransientError."""
    name, why = visit.person.name if visit.person else "", comment(visit)
    as_action(
        place(visit), by(visit), verb, {**facts, "comment": why}, lambda: publish(name, why),
        over=over, name=name, why=why,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What would change; or why that is not known."""

    recorded: Recorded | None = None
    fault: str = ""
    days: int = DAYS
    most: int = MOST

    @property
    def lines(self) -> list[Compared]:
        """The latest ones."""
        return self.recorded.report.changed[:SHOWN] if self.recorded else []


def would_change(visit: Visit, rules: RuleSet) -> Change:
    """Over the last days, by the history alone."""
    try:
        since = visit.now - DAYS * DAY_S
        return Change(recorded_changes(visit.context.queries, since, rules, rules_here(visit.context.environ)))
    except IntakeError as error:
        return Change(fault=str(error))
