"""What the operator is told: subject and text, for mail and for chats. In English. Pure."""

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from console.operator.due import AGAIN, END, START, Say
from shared.store.history.caught_up import CaughtUp
from shared.text.announcement import Announcement
from shared.text.outside import for_chat, one_line

SUBJECT_CHARS = 200
EFFECTS_SHOWN = 10
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400

Clean = Callable[[str], str]
"""Makes text from outside fit for where it is shown."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How and where it is told."""

    zone: ZoneInfo
    web: str = ""
    """The address of the web console, where it is known."""


@dataclass(frozen=True, slots=True)
class Saying:
    say: Say
    caught_up: CaughtUp | str | None = None
    """What became of the uploads that waited, or why that is not known. None: it kept none waiting."""


def announcement(sayings: Sequence[Saying], now: float, voice: Voice, *, chat: bool = False) -> Announcement:
    """One message about all of them. In a chat no mention, link or markup of a title or a reason is obeyed."""
    clean = _for_chats if chat else one_line
    parts = ["\n".join(_lines(each, now, voice, clean)) for each in sayings]
    if voice.web:
        parts.append(f"All that needs a person: {voice.web}/problems")
    return said(_subject([each.say for each in sayings], clean), "\n\n".join(parts), chat=chat)


def said(subject: str, text: str, *, chat: bool = False) -> Announcement:
    """The HTML of a mail is its text."""
    page = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"></head>'
        f'<body><div style="white-space:pre-wrap;font-family:sans-serif">{html.escape(text)}</div></body></html>\n'
    )
    return Announcement(_cut(subject), f"{text}\n", "" if chat else page)


def _subject(says: Sequence[Say], clean: Clean) -> str:
    if len(says) == 1:
        return f"{_beginning(says[0])}: {clean(says[0].problem.title)}"
    over = sum(say.kind == END for say in says)
    there = len(says) - over
    counts = [
        *([f"{there} problem{'' if there == 1 else 's'}"] if there else []),
        *([f"{over} {'is' if over == 1 else 'are'} over"] if over else []),
    ]
    return f"{', '.join(counts)}: {'; '.join(clean(say.problem.title) for say in says)}"


def _beginning(say: Say) -> str:
    if say.next_group:
        return "Nobody looks after it"
    return {START: "Problem", AGAIN: "Still there", END: "Over"}[say.kind]


def _lines(saying: Saying, now: float, voice: Voice, clean: Clean) -> Iterator[str]:
    say, problem = saying.say, saying.say.problem
    yield f"{_beginning(say)}: {clean(problem.title)}"
    yield ""
    if say.kind == END:
        yield from _of_end(saying, voice)
        return
    if say.next_group:
        yield "Others were told before you, and nobody has acknowledged it."
    yield f"Since {_moment(problem.began_at, voice)}: for {lasting(now - problem.began_at)}."
    if problem.example:
        yield f"Such as: {clean(problem.example)}"
    if problem.effects:
        yield "Because of it:"
        yield from (f"  - {clean(effect)}" for effect in problem.effects[:EFFECTS_SHOWN])
        if len(problem.effects) > EFFECTS_SHOWN:
            yield f"  - and {len(problem.effects) - EFFECTS_SHOWN} more"
    yield f"What to do: {clean(problem.remedy)}"
    yield ""
    if problem.acknowledged_by:
        yield f"Acknowledged by {clean(problem.acknowledged_by)}."
    else:
        yield f"You look after it: intake problems acknowledge {clean(problem.cause)}"
    yield f'Not to hear of it: intake problems silence {clean(problem.cause)} --until 2h --reason "why"'


def _of_end(saying: Saying, voice: Voice) -> Iterator[str]:
    problem = saying.say.problem
    ended_at = problem.last_seen_at if problem.ended_at is None else problem.ended_at
    span = f"from {_moment(problem.began_at, voice)} to {_moment(ended_at, voice)}"
    yield f"It lasted {lasting(ended_at - problem.began_at)}, {span}."
    match saying.caught_up:
        case CaughtUp() as caught_up:
            yield of_waiting(caught_up)
        case str() as why:
            yield f"What became of the uploads that waited is not known: {why}"


def of_waiting(found: CaughtUp) -> str:
    """What became of the uploads that waited, in a sentence."""
    if not found.count:
        return "No invoice waited for it."
    many = "1 invoice waited" if found.count == 1 else f"{found.count} invoices waited"
    if found.told == found.count:
        return f"{many}: {'it is' if found.count == 1 else 'all are'} filed."
    parts = [
        f"{found.told} {'is' if found.told == 1 else 'are'} filed",
        *([f"{found.waiting} {'is' if found.waiting == 1 else 'are'} still on the way"] if found.waiting else []),
        *([f"{found.failed} {'needs' if found.failed == 1 else 'need'} a person"] if found.failed else []),
    ]
    return f"{many}: {', '.join(parts)}."


def lasting(seconds: float) -> str:
    """`1 h 2 min`."""
    whole = max(0, int(seconds))
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"


def _moment(at: float, voice: Voice) -> str:
    return f"{datetime.fromtimestamp(at, voice.zone):%Y-%m-%d %H:%M %Z}"


def _for_chats(text: str) -> str:
    return for_chat(one_line(text))


def _cut(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_CHARS else subject[: SUBJECT_CHARS - 1].rstrip() + "…"
