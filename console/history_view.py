"""The history as a person or a program reads it: tables on a terminal, tabs in a pipe, JSON. Times are UTC."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.dead_facts import with_code
from shared.history.step import RECONCILER, Step
from shared.history.upload import State, Upload
from shared.text.outside import cell

UPLOAD_COLUMNS = ("last step", "state", "title", "file", "room", "reason", "upload")
STEP_COLUMNS = ("time", "stage", "outcome", "attempt", "what", "reason", "worker")
_STYLE = {State.FAILED: "red", State.FILED: "green", State.SKIPPED: "dim", State.WAITING: "yellow"}

Told = Sequence[tuple[Upload, Sequence[Step]]]


def uploads_as_json(uploads: Sequence[Upload]) -> str:
    return json.dumps(list(map(_upload, uploads)), indent=2)


def timelines_as_json(told: Told) -> str:
    """One object, or a list of them where several uploads have the id."""
    found = [{**_upload(upload), "steps": list(map(_step, steps))} for upload, steps in told]
    return json.dumps(found[0] if len(found) == 1 else found, indent=2)


def plain_uploads(uploads: Sequence[Upload]) -> None:
    for upload in uploads:
        typer.echo(_line(_upload_cells(upload)))


def plain_timeline(upload: Upload, steps: Sequence[Step]) -> None:
    typer.echo(_heading(upload))
    for step in steps:
        typer.echo(_line(_step_cells(step)))


def rich_uploads(uploads: Sequence[Upload]) -> None:
    table = _table(UPLOAD_COLUMNS)
    for upload in uploads:
        table.add_row(*map(escape, map(cell, _upload_cells(upload))), style=_STYLE[upload.state])
    Console().print(table)


def rich_timeline(upload: Upload, steps: Sequence[Step]) -> None:
    table = _table(STEP_COLUMNS)
    for step in steps:
        table.add_row(*map(escape, map(cell, _step_cells(step))))
    console = Console()
    console.print(escape(_heading(upload)), style=_STYLE[upload.state])
    console.print(table)


def _table(columns: Sequence[str]) -> Table:
    table = Table(*columns)
    for column in table.columns:
        column.overflow = "fold"  # an id that is cut cannot be copied
    return table


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


def _line(cells: Sequence[str]) -> str:
    return "\t".join(cell(" ".join(each.split())) for each in cells)


def _upload(upload: Upload) -> dict[str, Any]:
    return {**asdict(upload), "first_at": utc(upload.first_at), "last_at": utc(upload.last_at)}


def _step(step: Step) -> dict[str, Any]:
    told = {**asdict(step), "at": utc(step.at)}
    del told["key"]
    return told


def utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
