"""An explanation as a person reads it, rule by rule, and as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from console.explain.checks import Checked, State, checks, why_not_asked
from console.explain.explanation import Explanation
from console.explain.filed import Filed
from console.terminal.printing import Paint, Piece
from shared.rules.decide import Match, Question
from shared.rules.model import Rule
from shared.text.outside import cell
from shared.wire.outcome import Dead, Retry, Skip

MISSING = {
    Question.SERVICE_USER: "who the service user is: nobody was taken for it",
    Question.PATH: "in which room it lies",
    Question.TITLE: "the file's title now: the event's own was taken",
}

_MADE = (State.PASSED, State.FAILED)


def as_json(told: Explanation) -> dict[str, Any]:
    entry, fate = told.webhook.entry, told.fate
    return {
        "trigger": told.webhook.trigger,
        "file_id": entry.id,
        "title": fate.title if isinstance(fate, Match) else entry.title,
        "outcome": _outcome(told),
        "rule": fate.rule.name if isinstance(fate, Match) else None,
        "reason": None if isinstance(fate, Match) else fate.reason,
        "missing": [question.value for question in told.missing],
        "filed": _filed_row(told.filed) if told.filed else None,
        "rules": [
            {
                "name": rule.name,
                "checks": [_row(each) for each in checks(rule, told.steps) if each.state in _MADE],
                "not_asked": why_not_asked(rule, told.steps),
            }
            for rule in told.rules.rules
        ],
    }


def pieces(told: Explanation) -> Iterator[Piece]:
    """For a person, block by block."""
    entry = told.webhook.entry
    yield cell(f'{told.webhook.trigger} of {entry.id} "{entry.title or ""}"')
    for rule in told.rules.rules:
        yield "\n\n"
        yield from _rule(rule, told)
    if told.missing:
        yield "\n\nNot known:" + "".join(f"\n  {MISSING[question]}" for question in told.missing)
    yield "\n\n"
    yield _verdict(told)
    if told.filed:
        yield "\n\n"
        yield Paint(cell(_filed(told.filed)), "green")


def _filed(filed: Filed) -> str:
    invoice = filed.invoice
    when = f" at {_moment(filed.at)}" if filed.at is not None else ""
    room = invoice.room_title or invoice.room_id
    whence = f" from room {room}" if room else ""
    moved = "" if str(filed.lies_in) == str(invoice.destination) else f"; it lies in folder {filed.lies_in} now"
    beside = f"; file {', '.join(map(str, invoice.namesakes))} of the same name lay there then"
    moved += beside if invoice.namesakes else ""
    return (
        f'It was filed{when}: rule "{invoice.rule}" took it{whence} to folder {invoice.destination}{moved}. '
        "The checks above are of the rules of now, in the room that it was uploaded to"
    )


def _filed_row(filed: Filed) -> dict[str, Any]:
    invoice = filed.invoice
    return {
        "at": None if filed.at is None else _moment(filed.at),
        "rule": invoice.rule,
        "destination": invoice.destination,
        "room_id": invoice.room_id,
        "version": invoice.version,
        "lies_in": filed.lies_in,
        "namesakes": list(invoice.namesakes),
    }


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _rule(rule: Rule, told: Explanation) -> Iterator[Piece]:
    why_not = why_not_asked(rule, told.steps)
    yield f'rule "{rule.name}"' + (f": {why_not}" if why_not else "")
    if why_not:
        return
    for each in checks(rule, told.steps, ended=told.gone):
        yield "\n  "
        match each.state:
            case State.PASSED | State.FAILED:
                yield Paint("ok    ", "green") if each.state is State.PASSED else Paint("FAILED", "red")
                yield f"  {each.check!s:<10} {cell(each.seen)}\n  {'':<6}  {'':<10} wanted: {each.wanted}"
            case State.WAITS:
                yield Paint("?     ", "yellow")
                yield f"  {each.check!s:<10} waits for the portal's answer"
            case State.NOT_MADE:
                yield f"-       {each.check!s:<10} not asked"


def _verdict(told: Explanation) -> Paint:
    match told.fate:
        case Match(rule, title):
            text, colour = f'An invoice: rule "{rule.name}" takes "{title}" to folder {rule.destination}', "green"
        case Skip(reason):
            text, colour = f"Skipped: {reason}", "yellow"
        case Retry(reason):
            text, colour = f"Not decided, tried again later: {reason}", "yellow"
        case Dead(reason):
            text, colour = f"A dead letter: {reason}", "red"
    return Paint(cell(text), colour)


def _row(each: Checked) -> dict[str, Any]:
    return {
        "check": each.check.name.lower(),
        "passed": each.state is State.PASSED,
        "seen": each.seen,
        "wanted": each.wanted,
    }


def _outcome(told: Explanation) -> str:
    match told.fate:
        case Match():
            return "invoice"
        case Skip():
            return "skip"
        case Retry():
            return "retry"
        case Dead():
            return "dead"
