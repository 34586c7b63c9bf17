"""Keeps the steps of the stream in the database: a batch and the stream's offset in one transaction."""

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from shared.store.faults import UnstorableError, halved
from shared.store.history.queries import STEP_FIELDS, UPLOAD_FIELDS, step_from, steps_where, upload_from
from shared.store.history.remembered import remembered
from shared.store.history.searched import folded, searched
from shared.store.history.step import Step
from shared.store.history.tables import POSITION, STEPS, UPLOADS, Database
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
_LATER_FACTS = tuple(column.name for column in STEPS.c if column.nullable and column.name != "portal")
"""What a step may tell, and one that an earlier release wrote may not."""


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
        with self._locked() as connection:
            if offset is not None:
                self._move_to(connection, offset)
            if steps:
                rows = [row_of(step, STEP_FIELDS) for step in steps]
                connection.execute(self._insert(STEPS).on_conflict_do_nothing(), rows)
                self._summarize(connection, sorted({step.correlation_id for step in steps}))

    def renew(self, limit: int) -> int:
        """Make up anew, of their steps, some of the uploads that an earlier release wrote; how many, 0: no more."""
        outdated = sa.select(UPLOADS.c.correlation_id).where(UPLOADS.c.searched.is_(None)).limit(limit)
        with self._locked() as connection:
            ids = list(connection.execute(outdated).scalars())
            if ids:
                self._summarize(connection, ids)
                left = sa.and_(UPLOADS.c.correlation_id.in_(ids), UPLOADS.c.searched.is_(None))  # it has no step
                connection.execute(
                    sa.update(UPLOADS).where(left).values(searched=sa.func.coalesce(UPLOADS.c.title_folded, ""))
                )
        return len(ids)

    def complete(self, steps: Sequence[Step]) -> None:
        """Keep them, and add to those that are there what they do not tell yet. The position stays as it is."""
        insert = self._insert(STEPS)
        added = {name: sa.func.coalesce(STEPS.c[name], insert.excluded[name]) for name in _LATER_FACTS}
        with self._locked() as connection:
            rows = [row_of(step, STEP_FIELDS) for step in steps]
            connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=added), rows)
            self._summarize(connection, sorted({step.correlation_id for step in steps}))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[sa.Connection]:
        """A transaction, with the other writers of the history kept off."""
        with self._database.transaction() as connection:
            connection.execute(sa.select(POSITION).with_for_update())
            yield connection

    def _move_to(self, connection: sa.Connection, offset: int) -> None:
        insert = self._insert(POSITION).values(stream=STREAM, offset=offset)
        connection.execute(insert.on_conflict_do_update(index_elements=["stream"], set_={"offset": offset}))

    def _restore(self, connection: sa.Connection, ids: Sequence[str]) -> None:
        """Of those whose steps were forgotten, what their rows tell becomes steps again."""
        known = sa.select(*(UPLOADS.c[name] for name in UPLOAD_FIELDS))
        forgotten = known.where(UPLOADS.c.correlation_id.in_(ids), UPLOADS.c.without_steps.is_not(None))
        steps = [step for row in connection.execute(forgotten) for step in remembered(upload_from(row))]
        if steps:
            rows = [row_of(step, STEP_FIELDS) for step in steps]
            connection.execute(self._insert(STEPS).on_conflict_do_nothing(), rows)

    def _summarize(self, connection: sa.Connection, ids: Sequence[str]) -> None:
        self._restore(connection, ids)
        steps = defaultdict(list)
        for row in connection.execute(steps_where(STEPS.c.correlation_id.in_(ids))):
            steps[row.correlation_id].append(step_from(row))
        uploads = [summary(known) for known in steps.values()]
        if not uploads:
            return
        uploads.sort(key=lambda upload: upload["first_at"])  # as SQLite's text index is fastest at keeping them
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
    return {
        **row_of(upload, UPLOAD_FIELDS),
        "title_folded": folded(upload.title) if upload.title else None,
        "searched": searched(upload.title, upload.room_title, upload.uploaded_by),
    }


def row_of(record: Step | Upload, names: Sequence[str]) -> dict[str, Any]:
    """`asdict` copies deeply, which was a third of all that a batch took."""
    return {"portal": DEFAULT_PORTAL, **{name: getattr(record, name) for name in names}}
