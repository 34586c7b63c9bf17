"""Uploads as the history keeps them: the ingress's message, each stage's settlement, the projector's Store."""

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any, Protocol

from ingress.webhook import received
from shared.runtime.ladder import Ladder
from shared.runtime.settle import EXCHANGE, Settler
from shared.store.history.step import Delivery, Step, step_of
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.ledger import Ledger
from shared.text.codes import Code
from shared.wire.events import InvoiceAnnounced, InvoiceDetected, InvoiceFiled, encode
from shared.wire.message import Publication
from shared.wire.outcome import About, Dead, Forward, Outcome, Retry, Skip

ROOM, ROOM_TITLE, DESTINATION = 86190, "Acme Ltd", 748239
MANAGER = "manager@example.com"
LADDER = Ladder((5, 30, 120, 600, 3600), 86_400)


class Keeps(Protocol):
    def keep(self, publication: Publication) -> None:
        """As the broker's stream does."""


def step_in(publication: Publication, offset: int = 0) -> Step | None:
    """What the projector reads out of it."""
    delivery = Delivery(
        offset=offset,
        exchange=publication.exchange,
        routing_key=publication.routing_key,
        message=publication.message,
        headers=dict(publication.headers),
    )
    return step_of(delivery)


class Past:
    """A history in a database, as the projector would have filled it from the broker's stream."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.database = Database(database_url, writes=True)
        self.database.create()
        self._store = Store(self.database)
        self._offsets = count(1)
        self._files = count(748_301)
        self._held: list[Step] | None = None

    def upload(self, title: str, at: float, file_id: int | str | None = None, **facts: Any) -> "Told":
        """Its webhook came at that time, in seconds since the epoch."""
        return Told(self, title, at, next(self._files) if file_id is None else file_id, **facts)

    def keep(self, publication: Publication) -> None:
        offset = next(self._offsets)
        step = step_in(publication, offset)
        if self._held is None:
            self._store.record([step] if step else [], offset)
        elif step:
            self._held.append(step)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is kept meanwhile is written together at the end."""
        self._held = []
        try:
            yield
            self._store.record(self._held, next(self._offsets))
        finally:
            self._held = None

    def close(self) -> None:
        self.database.close()


class Told:
    """One upload. Each verb is what a stage did with it, at a time."""

    def __init__(
        self,
        past: Keeps,
        title: str,
        at: float,
        file_id: int | str,
        *,
        room: int | str = ROOM,
        room_title: str = ROOM_TITLE,
        trigger: str = "file.uploaded",
        by: str = "Bob Client",
    ) -> None:
        self._past = past
        self.title, self.file_id, self.room, self.room_title, self.by = title, file_id, room, room_title, by
        self.uploaded_at = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
        body = {
            "event": {"id": int(at * 1000) % 10**9, "trigger": trigger, "createOn": self.uploaded_at},
            "payload": {"id": file_id, "title": title, "parentId": room, "modifiedOn": self.uploaded_at},
        }
        self.message = received(json.dumps(body).encode(), at)
        self.id = self.message.correlation_id
        past.keep(
            Publication(exchange=EXCHANGE, routing_key=self.message.type, message=self.message, mandatory=True)
        )

    def detected(self, at: float, rule: str = "default") -> "Told":
        return self._settle("classifier", Forward(InvoiceDetected(rule=rule, **self._facts())), at)

    def filed(self, at: float, rule: str = "default") -> "Told":
        event = InvoiceFiled(
            source_file_id=self.file_id, version=1, rule=rule,
            web_url=f"https://portal.example.com/doceditor?fileId={self.file_id}", **self._facts(),
        )  # fmt: skip
        return self._settle("mover", Forward(event), at)

    def in_ledger(self, url: str, **facts: Any) -> "Told":
        """As the mover keeps a filed invoice, in the database with this URL."""
        event = InvoiceFiled(source_file_id=self.file_id, version=1, **self._facts() | {"rule": "default"} | facts)
        with contextlib.closing(Ledger(url, owner="mover@test")) as ledger:
            key = f"move:default:{self.file_id}:1:{self.uploaded_at}"
            ledger.complete(key, '{"filed":' + encode(event).decode() + "}")
        return self

    def announced(self, at: float, rule: str = "default") -> "Told":
        event = InvoiceAnnounced(
            file_id=self.file_id, version=1, title=self.title, rule=rule, recipients=(MANAGER,), channels=("slack",)
        )
        return self._settle("notifier", Forward(event), at)

    def skipped(self, at: float, reason: str, code: Code = Code.NO_RULE) -> "Told":
        about = About(
            file_id=self.file_id, title=self.title, uploaded_by=self.by,
            room_id=self.room, room_title=self.room_title,
            uploaded_at=self.uploaded_at,
        )  # fmt: skip
        return self._settle("classifier", Skip(reason, code, about), at)

    def retried(self, stage: str, at: float, reason: str, code: Code = Code.PORTAL_UNREACHABLE) -> "Told":
        return self._settle(stage, Retry(reason, code), at)

    def died(self, stage: str, at: float, reason: str, code: Code = Code.NO_RIGHT) -> "Told":
        return self._settle(stage, Dead(reason, code), at)

    def done(self, at: float) -> "Told":
        """Filed and told, a second each."""
        return self.detected(at + 1).filed(at + 2).announced(at + 3)

    def _facts(self) -> dict[str, Any]:
        return {
            "file_id": self.file_id,
            "title": self.title,
            "destination": DESTINATION,
            "recipients": (MANAGER,),
            "room_id": self.room,
            "room_title": self.room_title,
            "uploaded_by": self.by,
            "uploaded_at": self.uploaded_at,
        }

    def _settle(self, stage: str, outcome: Outcome, at: float) -> "Told":
        settlement = Settler(stage, LADDER, stage, f"{stage}@host:1").settle(self.message, outcome, at)
        self._past.keep(settlement.publication)
        self.message = settlement.publication.message
        return self


def days_of(past: Past, last_at: float, how_many: int, gap_s: float = 3600.0) -> Iterator[Told]:
    """Uploads that are filed and told, one each `gap_s`, the last at `last_at`."""
    for number in reversed(range(how_many)):
        at = last_at - number * gap_s
        yield past.upload(f"Invoice {number}.pdf", at).done(at)
