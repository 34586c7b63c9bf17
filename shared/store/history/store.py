"""Keeps the steps of the stream in the database: a batch and the stream's offset in one transaction."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from shared.store.faults import UnstorableError, halved
from shared.store.history.pages import folded
from shared.store.history.queries import STEP_FIELDS, UPLOAD_FIELDS, step_from, steps_where
from shared.store.history.step import Step
from shared.store.history.tables import POSITION, SEARCHED_CHARS, STEPS, UPLOADS, Database
from shared.store.history.upload import Upload, upload_of
from shared.store.history.versions import DEFAULT_PORTAL
from shared.text.codes import Code
from shared.text.outside import REASON_BYTES, storable
from shared.wire.headers import LATEST_MS
from shared.wire.message import derived_id
from shared.wire.stages import NAMES

log = structlog.get_logger()

STREAM = "history"
_PLAIN = re.compile(r"[0-9a-zA-Z:._-]{1,100}")
PRUNE_BATCH = 500
"""Uploads that one transaction forgets: SQLite keeps every other writer off meanwhile."""


class Store:
    """For one thread; several processes may write at once. Methods raise TransientError, and may be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = database.insert

    def offset(self) -> int | None:
        """Of the last message that is kept; None before the first."""
        with self._database.connection() as connection:
            return connection.execute(sa.select(POSITION.c.offset).where(POSITION.c.stream == STREAM)).scalar()

    def restart(self) -> None:
        """The stream is another one, and begins anew: no offset of the old one means anything in it."""
        with self._database.transaction() as connection:
            connection.execute(sa.delete(POSITION))

    def record(self, steps: Sequence[Step], offset: int) -> None:
        """Keep them, and that the stream was read up to `offset`. A step that is there already adds nothing.

        One that the database refuses is told from the others by halving. In its place stands a step without what
        others wrote, which says so; a person sees it in the timeline and in the log.
        """
        try:
            self._record(steps, offset)
        except UnstorableError:
            self._record_apart(steps, offset)

    def _record_apart(self, steps: Sequence[Step], offset: int) -> None:
        def keep(some: list[Step]) -> list[None]:
            self._record(some, None)
            return [None] * len(some)

        for step, fault in zip(steps, halved(keep, steps), strict=True):
            if fault is None:
                continue
            log.error("history.step_refused", key=step.key, message_id=step.message_id, reason=str(fault))
            (again,) = halved(keep, [_bare(step, str(fault))])
            if again is not None:
                log.error("history.step_lost", key=step.key, message_id=step.message_id, reason=str(again))
        self._record([], offset)

    def _record(self, steps: Sequence[Step], offset: int | None) -> None:
        with self._database.transaction() as connection:
            if offset is not None:
                self._move_to(connection, offset)  # first: its row is the lock between two writers
            if steps:
                rows = [_row(step, STEP_FIELDS) for step in steps]
                connection.execute(self._insert(STEPS).on_conflict_do_nothing(), rows)
                self._summarize(connection, sorted({step.correlation_id for step in steps}))

    def forget(self, before: float) -> int:
        """Drop the uploads whose last step was before that time; how many."""
        dropped = 0
        while True:
            with self._database.transaction() as connection:
                old = sa.select(UPLOADS.c.correlation_id).where(UPLOADS.c.last_at < before).limit(PRUNE_BATCH)
                ids = list(connection.execute(old).scalars())
                for table in (STEPS, UPLOADS):
                    connection.execute(sa.delete(table).where(table.c.correlation_id.in_(ids)))
            dropped += len(ids)
            if len(ids) < PRUNE_BATCH:
                return dropped

    def _move_to(self, connection: sa.Connection, offset: int) -> None:
        insert = self._insert(POSITION).values(stream=STREAM, offset=offset)
        connection.execute(insert.on_conflict_do_update(index_elements=["stream"], set_={"offset": offset}))

    def _summarize(self, connection: sa.Connection, ids: Sequence[str]) -> None:
        steps = defaultdict(list)
        for row in connection.execute(steps_where(STEPS.c.correlation_id.in_(ids))):
            steps[row.correlation_id].append(step_from(row))
        uploads = [summary(known) for known in steps.values()]
        insert = self._insert(UPLOADS)
        changed = {name: insert.excluded[name] for name in UPLOADS.c.keys() if name != "correlation_id"}  # noqa: SIM118
        connection.execute(insert.on_conflict_do_update(index_elements=["correlation_id"], set_=changed), uploads)


def _bare(step: Step, fault: str) -> Step:
    """Of a step that cannot be kept, what this program wrote itself."""
    upload = step.correlation_id
    return Step(
        key=derived_id("unkept", step.key),
        correlation_id=upload if _PLAIN.fullmatch(upload) else derived_id("unkept", upload),
        at=step.at if 0 <= step.at < LATEST_MS / 1000 else 0.0,
        stage=step.stage if step.stage in NAMES else "",
        outcome=step.outcome,
        type="",
        message_id="",
        reason=storable(f"this step could not be kept: {fault}".encode("ascii", "replace").decode(), REASON_BYTES),
        code=Code.UNKEPT.value,
    )


def summary(steps: Sequence[Step]) -> dict[str, Any]:
    """The row of an upload; `steps` are all of its."""
    upload = upload_of(steps)
    title, *others = (
        folded(text or "")[:SEARCHED_CHARS] for text in (upload.title, upload.room_title, upload.uploaded_by)
    )
    searched = "\n".join([title, *others])
    return {**_row(upload, UPLOAD_FIELDS), "title_folded": title or None, "searched": searched}


def _row(record: Step | Upload, names: Sequence[str]) -> dict[str, Any]:
    """`asdict` copies deeply, which was a third of all that a batch took."""
    return {"portal": DEFAULT_PORTAL, **{name: getattr(record, name) for name in names}}
