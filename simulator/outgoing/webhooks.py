"""The webhooks of the portal and the log of deliveries to them. No network here.

Two oddities of the portal are kept. Events are matched with a copy of the configurations, which is renewed after an
hour or when a person changes one. And when a delivery ends, it writes back the whole configuration as it was when
the delivery began. So a change that was made meanwhile is lost.
"""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from simulator.api.reading import Memory, Reader
from simulator.errors import BadRequestError, NotFoundError
from simulator.outgoing import triggers
from simulator.outgoing.payload import Addressee, Event, body
from simulator.outgoing.webhook_model import Attempt, LogRow, Told, Webhook

GONE = "The record could not be found"
COPY_KEPT = timedelta(hours=1)
"""If nobody changes a webhook, events are matched with one copy for so long."""
TRUSTED = timedelta(days=3)
"""If a webhook fails for so long, it is disabled."""


class Webhooks:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.now = now
        self._ids = itertools.count(7)
        self._event_ids = itertools.count(18230)
        self.clear()

    def clear(self) -> None:
        """Forget everything. Ids go on from where they were, as in a database."""
        with self.lock:
            self.by_id: dict[int, Webhook] = {}
            self.log: dict[int, LogRow] = {}
            self.attempts: list[Attempt] = []
            self.queue: list[LogRow] = []
            self.under_way: set[int] = set()
            """The ids of rows that were taken and whose attempts are not over."""
            self._refresh()

    def restart(self) -> int:
        """Forget what waits, as a restart of the portal does; its rows stay unsent in the log. Returns how many."""
        with self.lock:
            forgotten, self.queue, self.under_way = len(self.queue), [], set()
            self._refresh()
            return forgotten

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
        """A person changes the webhook. If no `user_id` is given, it is the owner."""
        with self.lock:
            self.by_id[hook.id] = replace(hook, modified=self.now(), modified_by=user_id or hook.owner_id)
            self._refresh()
            return self.by_id[hook.id]

    def disable(self, webhook_id: int) -> None:
        """The portal itself disables the webhook."""
        with self.lock:
            self.by_id[webhook_id] = replace(self.get(webhook_id), enabled=False)
            self._refresh()

    def remove(self, webhook_id: int) -> Webhook:
        """Remove the webhook and its rows of the log."""
        with self.lock:
            hook = self.get(webhook_id)
            del self.by_id[webhook_id]
            self.log = {row.id: row for row in self.log.values() if row.to.id != webhook_id}
            self._refresh()
            return hook

    def _refresh(self) -> None:
        self._copy, self._copied = dict(self.by_id), self.now()

    def publish(self, event: Event, read: Reader) -> None:
        """Queue the event for enabled webhooks that want it and whose owner caused it or may read the entry."""
        with self.lock:
            if self.now() - self._copied > COPY_KEPT:
                self._refresh()
            memory = Memory(read)
            chosen = [
                hook
                for hook in self._copy.values()
                if _wants(hook, event) and (event.actor_id == hook.owner_id or memory.may_read(hook.owner_id))
            ]
            told = replace(event, payload=event.payload | memory.told())
            for hook in chosen:
                to = hook.addressee()
                self._enqueue(told, hook.owner_id, to, body(None, told, to).decode())

    def row(self, log_id: int) -> LogRow:
        with self.lock:
            row = self.log.get(log_id)
            if row is None:
                raise NotFoundError(GONE)
            return row

    def retry(self, log_id: int) -> LogRow:
        """Send a row again by hand, even if the webhook is disabled. Only the row and its event.id are new."""
        with self.lock:
            row = self.row(log_id)
            return self._enqueue(row.event, row.owner_id, row.to, row.request_payload)

    def _enqueue(self, event: Event, owner_id: str, to: Addressee, payload: str) -> LogRow:
        row = LogRow(next(self._event_ids), event, self.now(), owner_id, to, request_payload=payload)
        self.log[row.id] = row
        self.queue.append(row)
        return row

    def waiting(self) -> int:
        with self.lock:
            return len(self.queue)

    def take(self, most: int) -> list[LogRow]:
        with self.lock:
            batch, self.queue = self.queue[:most], self.queue[most:]
            self.under_way |= {row.id for row in batch}
            return batch

    def over(self, row: LogRow) -> None:
        with self.lock:
            self.under_way.discard(row.id)

    def begin(self, row: LogRow) -> Webhook | None:
        """The configuration for the whole delivery; None if the webhook is gone or cannot be used."""
        with self.lock:
            hook = self.by_id.get(row.to.id)
            if hook is not None and hook.is_dead_letter:
                self.disable(hook.id)
                return None
            return hook

    def note(self, row: LogRow, attempt: int, told: Told) -> None:
        """Record an attempt for tests and the page. The portal itself records only the end of a delivery."""
        with self.lock:
            entry = row.event.payload
            self.attempts.append(
                Attempt(
                    row.id, row.to.id, row.event.trigger, entry.get("id", 0), entry.get("createOn", ""),
                    entry.get("modifiedOn", ""), attempt, told.status, told.error, self.now(),
                )
            )  # fmt: skip

    def end(self, row: LogRow, hook: Webhook, told: Told) -> None:
        """End a delivery that began with `hook`. Changes made to the webhook meanwhile are lost."""
        with self.lock:
            if hook.id not in self.by_id:
                return
            if told.status == HTTPStatus.GONE:
                self.remove(hook.id)
                return
            now = self.now()
            row.status = told.status
            row.request_headers, row.request_payload = told.request_headers, told.request_payload
            row.response_headers, row.response_payload = told.response_headers, told.error or told.response_payload
            if told.error:
                changed = replace(hook, last_failure_on=now, last_failure_content=told.error)
                hopeless = not told.late and now - (hook.last_success_on or hook.created) > TRUSTED
                changed = replace(changed, enabled=hook.enabled and not hopeless)
            else:
                row.delivery = now
                changed = replace(hook, last_success_on=now)
            self.by_id[hook.id] = replace(changed, modified=now, modified_by=row.event.actor_id)
            if not changed.enabled:
                self._refresh()

    def status(self, webhook_id: int) -> int:
        """The status of its last successful delivery, else of its first row; 0 if it has no rows."""
        with self.lock:
            rows = [row for row in self.log.values() if row.to.id == webhook_id]
            delivered = [row for row in rows if row.delivery is not None]
            last = delivered[-1] if delivered else rows[0] if rows else None
            return last.status if last else 0


def _wants(hook: Webhook, event: Event) -> bool:
    aimed = not hook.target_id or hook.target_id == str(event.payload.get("id"))
    return hook.enabled and aimed and triggers.matches(hook.triggers, event.trigger)
