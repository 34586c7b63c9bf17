"""The webhooks of the portal and the log of what was sent to them. No network here.

Two oddities of the portal are kept. Events are matched with a copy of the configurations that only a change by a
person renews. And the end of each attempt writes back the whole configuration as it was when the delivery began, so
that a change made meanwhile is undone.
"""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from simulator import triggers
from simulator.errors import BadRequestError, NotFoundError
from simulator.payload import Event, body
from simulator.webhook_model import Attempt, LogRow, Told, Webhook

GONE = "The record could not be found"


class Webhooks:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.now = now
        self._ids = itertools.count(7)
        self._event_ids = itertools.count(18230)
        self.clear()

    def clear(self) -> None:
        """Forget everything; ids go on, as a database's do."""
        with self.lock:
            self.by_id: dict[int, Webhook] = {}
            self._known: dict[int, Webhook] = {}
            self.log: dict[int, LogRow] = {}
            self.attempts: list[Attempt] = []
            self.queue: list[LogRow] = []

    def add(
        self, owner_id: str, name: str, uri: str, secret: str, mask: int, *,
        enabled: bool = True, ssl: bool = False, target_id: str = "",
    ) -> Webhook:  # fmt: skip
        with self.lock:
            if any((hook.name, hook.uri) == (name, uri) for hook in self.by_id.values()):
                raise BadRequestError("Webhook with the same name and payload URL already exists")
            hook = Webhook(
                next(self._ids), name, uri, secret, enabled, ssl, mask, target_id, owner_id, self.now()
            )  # fmt: skip
            self.by_id[hook.id] = hook
            self._refresh()
            return hook

    def get(self, webhook_id: int) -> Webhook:
        with self.lock:
            hook = self.by_id.get(webhook_id)
            if hook is None:
                raise NotFoundError(GONE)
            return hook

    def put(self, hook: Webhook, user_id: str = "") -> Webhook:
        """Changed by a person; its owner where nobody is named."""
        with self.lock:
            self.by_id[hook.id] = replace(hook, modified=self.now(), modified_by=user_id or hook.owner_id)
            self._refresh()
            return self.by_id[hook.id]

    def disable(self, webhook_id: int) -> None:
        """By the portal itself."""
        with self.lock:
            self.by_id[webhook_id] = replace(self.get(webhook_id), enabled=False)
            self._refresh()

    def remove(self, webhook_id: int) -> Webhook:
        """Its rows of the log go with it."""
        with self.lock:
            hook = self.get(webhook_id)
            del self.by_id[webhook_id]
            self.log = {row.id: row for row in self.log.values() if row.to.id != webhook_id}
            self._refresh()
            return hook

    def _refresh(self) -> None:
        self._known = dict(self.by_id)

    def publish(self, event: Event, may_read: Callable[[str], bool]) -> None:
        """Queue it for every enabled webhook that wants it, if its owner may read what it is about.

        The right that was found for one owner is remembered in the entry, and taken for the next ones too.
        """
        with self.lock:
            readable = False
            for hook in self._known.values():
                wanted = hook.enabled and triggers.matches(hook.triggers, event.trigger)
                aimed = not hook.target_id or hook.target_id == str(event.payload.get("id"))
                if not (wanted and aimed):
                    continue
                readable = readable or event.actor_id == hook.owner_id or may_read(hook.owner_id)
                if readable:
                    self._enqueue(hook, event)

    def row(self, log_id: int) -> LogRow:
        with self.lock:
            row = self.log.get(log_id)
            if row is None:
                raise NotFoundError(GONE)
            return row

    def retry(self, log_id: int) -> LogRow:
        """Send it again by hand: a new row, so a new event.id; the event stays as it was."""
        with self.lock:
            row = self.row(log_id)
            return self._enqueue(self.get(row.to.id), row.event)

    def _enqueue(self, hook: Webhook, event: Event) -> LogRow:
        to = hook.addressee()
        row = LogRow(next(self._event_ids), event, self.now(), hook.owner_id, to)
        row.request_payload = body(None, event, to).decode()
        self.log[row.id] = row
        self.queue.append(row)
        return row

    def take(self, most: int) -> list[LogRow]:
        with self.lock:
            batch, self.queue = self.queue[:most], self.queue[most:]
            return batch

    def begin(self, row: LogRow) -> Webhook | None:
        """The configuration that the whole delivery uses; None where there is none, or none that can be used."""
        with self.lock:
            hook = self.by_id.get(row.to.id)
            if hook is not None and hook.is_dead_letter:
                self.disable(hook.id)
                return None
            return hook

    def record(self, row: LogRow, hook: Webhook, attempt: int, told: Told, *, last: bool) -> Webhook:
        """Note one attempt's result in the log, in the attempts and at the webhook, which is returned changed."""
        with self.lock:
            now, status, error = self.now(), told.status, told.error
            entry = row.event.payload
            self.attempts.append(
                Attempt(
                    row.id, hook.id, row.event.trigger, entry.get("id", 0), entry.get("createOn", ""),
                    attempt, status, error, now,
                )
            )  # fmt: skip
            if last or not error:
                row.status = status
            row.request_headers, row.request_payload = told.request_headers, told.request_payload
            row.response_headers, row.response_payload = told.response_headers, error or told.response_payload
            if error:
                changed = replace(hook, last_failure_on=now, last_failure_content=error, status=status)
            else:
                row.delivery = now
                changed = replace(hook, last_success_on=now, status=status)
            changed = replace(changed, modified=now, modified_by=row.event.actor_id)
            if hook.id in self.by_id:
                self.by_id[hook.id] = changed
            return changed
