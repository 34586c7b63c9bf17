"""How somebody is told, in words, and as a record. Pure."""

from collections.abc import Iterator
from typing import Any

from shared.rules.digest import AtMostEvery, AtOnce, AtTimes, Digest
from shared.rules.model import ROOM_MANAGERS, RuleSet
from shared.rules.telling import Telling

NO_RULE = "no rule names this address: it counts where a room manager has it, or a deputy"


def words(telling: Telling) -> str:
    """Such as `in de, at 08:00, 13:00, within Mon-Fri 08:00-18:00`; empty where nothing is said."""
    return ", ".join(_parts(telling))


def as_record(telling: Telling) -> dict[str, Any]:
    return {
        "language": telling.language,
        "timezone": telling.timezone,
        "digest": None if telling.digest is None else str(telling.digest),
        "hours": None if telling.hours is None else str(telling.hours),
        "deputy": telling.deputy,
        "deputy_until": None if telling.deputy_until is None else telling.deputy_until.isoformat(),
        "not_taken": None if telling.not_taken is None else f"{telling.not_taken:%H:%M}",
    }


def recipients(rules: RuleSet) -> list[dict[str, Any]]:
    """As records. `named`: whether a rule names the address."""
    named = rules.addresses
    return [
        {"address": each.address, **as_record(each.telling), "named": each.address.casefold() in named}
        for each in rules.recipients
    ]


def lines(rules: RuleSet) -> Iterator[str]:
    """One for each recipient, with a note where no rule names it."""
    for each in rules.recipients:
        said = words(each.telling) or "as the rule says"
        note = "" if each.address.casefold() in rules.addresses else f" ({NO_RULE})"
        yield f"{each.address}: {said}{note}"


def called(recipient: str) -> str:
    """A recipient of a rule."""
    return "the managers of the room" if recipient == ROOM_MANAGERS else recipient


def _parts(telling: Telling) -> Iterator[str]:
    if telling.language:
        yield f"in {telling.language}"
    if telling.digest is not None:
        yield _often(telling.digest)
    if telling.hours is not None:
        yield f"within {telling.hours}"
    if telling.timezone:
        yield f"by the clock of {telling.timezone}"
    if telling.deputy and telling.deputy_until:
        yield f"until {telling.deputy_until} {telling.deputy} instead"
    if telling.not_taken is not None:
        yield f"at {telling.not_taken:%H:%M} what was not taken"


def _often(digest: Digest) -> str:
    match digest:
        case AtOnce():
            return "at once"
        case AtMostEvery():
            return f"the first at once, then at most {digest}"
        case AtTimes():
            return f"at {digest}"
