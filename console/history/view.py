"""Uploads and their steps as a person or a program reads them: one line an upload, cut to the terminal, or JSON.

A person's times are those of their zone, which the note below says; a program's are UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from console.history import words
from console.history.dates import moment, zone_name
from console.terminal.duration import short_age
from console.terminal.printing import Paint, say
from console.terminal.width import LEAST_COLUMNS, columns, fit, pad, width, wrapped
from shared.store.history.step import RECONCILER, Outcome, Step
from shared.store.history.upload import Standing, Upload
from shared.text.codes import Code
from shared.text.outside import cell

TIMES = ("first_at", "last_at", "filed_at", "announced_at", "next_at")
REMEDIES = {code.value: code.remedy for code in Code}
DID = {
    Outcome.RECEIVED: "came in",
    Outcome.FORWARD: "done",
    Outcome.SKIP: "skipped",
    Outcome.RETRY: "tried again later",
    Outcome.WAIT: "told later",
    Outcome.DEAD: "needs a person",
    Outcome.REPLAY: "sent back by a person",
    Outcome.DISCARD: "put away by a person",
}
INDENT = "  "

Told = Sequence[tuple[Upload, Sequence[Step]]]


def uploads_record(uploads: Sequence[Upload]) -> list[dict[str, Any]]:
    return list(map(_upload, uploads))


def timelines_record(told: Told) -> Any:
    """One object, or a list of them where several uploads have the id."""
    found = [{**_upload(upload), "steps": list(map(_step, steps))} for upload, steps in told]
    return found[0] if len(found) == 1 else found


def say_uploads(uploads: Sequence[Upload], now: float, *, wide: bool = False) -> None:
    for upload, line in zip(uploads, lines(uploads, now, None if wide else columns()), strict=True):
        say(Paint(words.glyph(upload), words.COLOURS[upload.standing]), line[1:])


def say_timeline(upload: Upload, steps: Sequence[Step], now: float) -> None:
    head, *rest = heading(upload, now, columns())
    say(Paint(head, words.COLOURS[upload.standing]))
    for line in (*rest, "", *step_lines(steps, columns())):
        say(line)


def note(now: float, *more: str) -> str:
    """What belongs below: of which zone the times are."""
    return "; ".join([*more, f"times are {zone_name(now)}"])


def lines(uploads: Sequence[Upload], now: float, most: int | None) -> Iterator[str]:
    """One for each: what it is, how old, its short id, title, room and why. `most` columns; None for all of it."""
    rows = [_wide_cells(upload, now) if most is None else _cells(upload, now) for upload in uploads]
    fixed, flexible = _FIXED, ("title", "room", "why")
    natural = [max((width(row[place]) for row in rows), default=0) for place in range(len(fixed) + len(flexible))]
    wide = natural if most is None else [*natural[: len(fixed)], *_shares(natural, most)]
    for row in rows:
        cells = [fit(text, wide[place], words=place == len(wide) - 1) for place, text in enumerate(row)]
        yield " ".join(pad(text, wide[place]) for place, text in enumerate(cells)).rstrip()


_FIXED = ("glyph", "age", "word", "id")


def _shares(natural: Sequence[int], most: int) -> tuple[int, int, int]:
    """Of title, room and why, in what the columns before them leave."""
    title, room, why = natural[len(_FIXED) :]
    left = most - sum(natural[: len(_FIXED)]) - len(natural) + 1
    room = min(room, left // 5)
    left -= room
    title = min(title, max(left // 2, left - why))
    return title, room, left - title


def _cells(upload: Upload, now: float) -> tuple[str, ...]:
    return (
        words.glyph(upload),
        f"{short_age(now - upload.first_at):>4}",
        words.word(upload),
        cell(words.short_id(upload)),
        cell(words.title(upload)),
        cell(words.room(upload)),
        cell(words.sentence(upload, now)),
    )


def _wide_cells(upload: Upload, now: float) -> tuple[str, ...]:
    """Nothing is cut, and no id left out."""
    room = f"{upload.room_title} ({upload.room})" if upload.room_title and upload.room else words.room(upload)
    code = f"{upload.code}: " if upload.code else ""
    return (
        words.glyph(upload),
        moment(upload.first_at),
        words.word(upload),
        cell(f"{upload.correlation_id or '-'} file {upload.file_id or '-'}"),
        cell(words.title(upload)),
        cell(room),
        cell(code + words.sentence(upload, now)),
    )


def heading(upload: Upload, now: float, most: int) -> Iterator[str]:
    """What became of it, as sentences; the first is the title."""
    first, *more = wrapped(cell(f"{words.word(upload)}: {words.title(upload)}"), most - len(INDENT))
    yield f"{words.glyph(upload)} {first}"
    yield from (INDENT + line for line in more)
    for text in _sentences(upload, now):
        yield from (f"{INDENT}{line}" for line in wrapped(cell(text), most - len(INDENT)))


def _sentences(upload: Upload, now: float) -> Iterator[str]:
    yield words.sentence(upload, now)
    if upload.standing is Standing.NEEDS_PERSON:
        if remedy := REMEDIES.get(upload.code or ""):
            yield f"what to do: {remedy}"
        yield f"then: intake retry {words.short_id(upload)}"
    place = words.room(upload)
    by = f"uploaded by {upload.uploaded_by}" if upload.uploaded_by else ""
    if place or by:
        yield ", ".join(filter(None, [f"in {place}" if place else "", by]))
    if upload.rule:
        yield f'rule "{upload.rule}"' + (f", to folder {upload.destination}" if upload.destination else "")
    if upload.web_url:
        yield upload.web_url
    code = f", code {upload.code}" if upload.code else ""
    yield f"upload {upload.correlation_id}, file {upload.file_id or 'unknown'}{code}"


def step_lines(steps: Sequence[Step], most: int) -> Iterator[str]:
    """Each on a line; what is said of it goes on below, between words."""
    rows = [(moment(step.at), step.stage, _did(step)) for step in steps]
    wide = [max((width(row[place]) for row in rows), default=0) for place in range(3)]
    indent = sum(wide) + 2 * len(wide)
    for step, row in zip(steps, rows, strict=True):
        begin = "  ".join(pad(cell(text), wide[place]) for place, text in enumerate(row))
        first, *more = wrapped(cell(_of_step(step)), max(most - indent, LEAST_COLUMNS // 3)) or [""]
        yield f"{begin}  {first}".rstrip()
        yield from (" " * indent + line for line in more)


def _did(step: Step) -> str:
    if step.stage == RECONCILER:
        return "sent in"
    return f"{DID[step.outcome]}, try {step.attempt}" if step.attempt > 1 else DID[step.outcome]


def _of_step(step: Step) -> str:
    if step.outcome is Outcome.WAIT and step.next_at is not None:
        return f"at {moment(step.next_at)}: {', '.join((*step.recipients, *step.channels))}"
    return (f"{step.code}: {step.reason}" if step.code else step.reason) if step.reason else step.type


def _upload(upload: Upload) -> dict[str, Any]:
    told = asdict(upload)
    times = {name: None if told[name] is None else utc(told[name]) for name in TIMES}
    return {**told, **times, "standing": upload.standing.value}


def _step(step: Step) -> dict[str, Any]:
    told = asdict(step)
    del told["key"]
    return {**told, "at": utc(step.at), "next_at": None if step.next_at is None else utc(step.next_at)}


def utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
