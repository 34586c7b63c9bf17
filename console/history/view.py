"""The history as a person or a program reads it: tables on a terminal, tabs in a pipe, JSON. Times are UTC."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from console.dead.facts import with_code
from console.terminal.printing import Paint, one_line, say, say_table
from shared.store.history.step import RECONCILER, Step
from shared.store.history.upload import State, Upload
from shared.text.outside import cell

UPLOAD_COLUMNS = ("last step", "state", "title", "file", "room", "reason", "upload")
STEP_COLUMNS = ("time", "stage", "outcome", "attempt", "what", "reason", "worker")
_STYLE = {State.FAILED: "red", State.FILED: "green", State.SKIPPED: "dim", State.WAITING: "yellow"}
_COLOUR = _STYLE | {State.SKIPPED: "bright_black"}

Told = Sequence[tuple[Upload, Sequence[Step]]]


def uploads_record(uploads: Sequence[Upload]) -> list[dict[str, Any]]:
    return list(map(_upload, uploads))


def timelines_record(told: Told) -> Any:
    """One object, or a list of them where several uploads have the id."""
    found = [{**_upload(upload), "steps": list(map(_step, steps))} for upload, steps in told]
    return found[0] if len(found) == 1 else found


def plain_uploads(uploads: Sequence[Upload]) -> None:
    for upload in uploads:
        say(one_line(_upload_cells(upload)))


def plain_timeline(upload: Upload, steps: Sequence[Step]) -> None:
    say(_heading(upload))
    for step in steps:
        say(one_line(_step_cells(step)))


def rich_uploads(uploads: Sequence[Upload]) -> None:
    say_table(UPLOAD_COLUMNS, ((map(cell, _upload_cells(upload)), _STYLE[upload.state]) for upload in uploads))


def rich_timeline(upload: Upload, steps: Sequence[Step]) -> None:
    say(Paint(_heading(upload), _COLOUR[upload.state]))
    say_table(STEP_COLUMNS, ((map(cell, _step_cells(step)), "") for step in steps))


def _heading(upload: Upload) -> str:
    why = f" ({with_code(upload.code, upload.reason)})" if upload.reason else ""
    return cell(f"{upload.title or 'untitled'}: {upload.state}{why}, upload {upload.correlation_id}")


def _upload_cells(upload: Upload) -> tuple[str, ...]:
    reason = with_code(upload.code, upload.reason or "")
    ids = (upload.file_id or "", upload.room or "", reason, upload.correlation_id)
    return (utc(upload.last_at), upload.state, upload.title or "", *ids)


def _step_cells(step: Step) -> tuple[str, ...]:
    return (
        utc(step.at),
        step.stage,
        "sent in" if step.stage == RECONCILER else step.outcome,
        str(step.attempt),
        step.type,
        with_code(step.code, step.reason or ""),
        step.by,
    )


def _upload(upload: Upload) -> dict[str, Any]:
    return _readable(asdict(upload), "first_at", "last_at", "filed_at", "announced_at", "next_at")


def _step(step: Step) -> dict[str, Any]:
    told = _readable(asdict(step), "at", "next_at")
    del told["key"]
    return told


def _readable(record: dict[str, Any], *moments: str) -> dict[str, Any]:
    """With these of its fields as people read a time."""
    return {**record, **{name: None if record[name] is None else utc(record[name]) for name in moments}}


def utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
