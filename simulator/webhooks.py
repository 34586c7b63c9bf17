"""The webhooks of the portal and the log of what was sent to them. No network here."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from simulator import triggers
from simulator.errors import BadRequestError, NotFoundError
from simulator.payload import Addressee, Event

MAX_NAME = 50
MAX_SECRET = 50
MIN_SECRET = 8


@dataclass(frozen=True)
class Webhook:
    id: int
    name: str
    uri: str
    secret: str = field(repr=False)
    enabled: bool
    ssl: bool
    triggers: int
    target_id: str
    owner_id: str
    created: datetime
    modified: datetime
    last_failure_on: datetime | None = None
    last_failure_content: str = ""
    last_success_on: datetime | None = None
    status: int = 0


@dataclass
class LogRow:
    """One event for one webhook; its id is `event.id`, over all automatic retries."""

    id: int
    webhook_id: int
    webhook_name: str
    event: Event
    created: datetime
    uri: str
    request_headers: str = ""
    request_payload: str = ""
    response_headers: str = ""
    response_payload: str = ""
    status: int = 0
    delivery: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """One POST. `status` 0 means that no answer came; `error` then says why."""

    event_id: int
    webhook_id: int
    trigger: str
    file_id: int | str
    attempt: int
    status: int
    error: str
    at: datetime


def check(name: str, uri: str, secret: str | None) -> None:
    """Raises BadRequestError. None as the secret keeps the old one."""
    if not name or len(name) > MAX_NAME:
        raise BadRequestError("name")
    if not uri.startswith(("http://", "https://")):
        raise BadRequestError("Invalid webhook url")
    if secret is not None and not MIN_SECRET <= len(secret) <= MAX_SECRET:
        raise BadRequestError("The secret key does not meet the password policy")


class Webhooks:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self._now = now
        self._ids = itertools.count(7)
        self._event_ids = itertools.count(18230)
        self.clear()

    def clear(self) -> None:
        """Forget everything; ids go on, as a database's do."""
        with self.lock:
            self.by_id: dict[int, Webhook] = {}
            self.log: dict[int, LogRow] = {}
            self.attempts: list[Attempt] = []
            self.queue: list[LogRow] = []

    def add(
        self, owner_id: str, name: str, uri: str, secret: str, mask: int, *,
        enabled: bool = True, ssl: bool = False, target_id: str = "",
    ) -> Webhook:  # fmt: skip
        with self.lock:
            if any((hook.name, hook.uri) == (name, uri) for hook in self.by_id.values()):
                raise BadRequestError("A webhook with this name and url already exists")
            now = self._now()
            hook = Webhook(
                next(self._ids), name, uri, secret, enabled, ssl, mask, target_id, owner_id, now, now
            )  # fmt: skip
            self.by_id[hook.id] = hook
            return hook

    def get(self, webhook_id: int) -> Webhook:
        with self.lock:
            hook = self.by_id.get(webhook_id)
            if hook is None:
                raise NotFoundError("The webhook was not found")
            return hook

    def put(self, hook: Webhook) -> Webhook:
        with self.lock:
            self.by_id[hook.id] = hook
            return hook

    def disable(self, webhook_id: int) -> Webhook:
        with self.lock:
            return self.put(replace(self.get(webhook_id), enabled=False))

    def remove(self, webhook_id: int) -> Webhook:
        with self.lock:
            hook = self.get(webhook_id)
            del self.by_id[webhook_id]
            return hook

    def publish(self, event: Event, may_read: Callable[[str], bool]) -> None:
        """Queue it for every enabled webhook that wants it and whose owner may read what it is about."""
        with self.lock:
            for hook in self.by_id.values():
                wanted = hook.enabled and triggers.matches(hook.triggers, event.trigger)
                aimed = not hook.target_id or hook.target_id == str(event.payload.get("id"))
                if wanted and aimed and (event.actor_id == hook.owner_id or may_read(hook.owner_id)):
                    self._enqueue(hook, event)

    def retry(self, log_id: int) -> LogRow:
        """Send it again by hand: a new row, so a new event.id; the event stays as it was."""
        with self.lock:
            row = self.log.get(log_id)
            if row is None:
                raise NotFoundError("The webhook log was not found")
            return self._enqueue(self.get(row.webhook_id), row.event)

    def _enqueue(self, hook: Webhook, event: Event) -> LogRow:
        row = LogRow(next(self._event_ids), hook.id, hook.name, event, self._now(), hook.uri)
        self.log[row.id] = row
        self.queue.append(row)
        return row

    def take(self, most: int) -> list[LogRow]:
        with self.lock:
            batch, self.queue = self.queue[:most], self.queue[most:]
            return batch

    def addressee(self, webhook_id: int, attempt: int) -> tuple[Addressee, str] | None:
        """How a body shows this webhook, and the secret; None once it is deleted or disabled."""
        with self.lock:
            hook = self.by_id.get(webhook_id)
            if hook is None or not hook.enabled:
                return None
            shown = Addressee(
                hook.id, hook.name, hook.uri, hook.triggers, hook.target_id, attempt,
                self._now() if attempt else None,
                hook.last_failure_on, hook.last_failure_content, hook.last_success_on,
            )  # fmt: skip
            return shown, hook.secret

    def record(self, row: LogRow, attempt: int, status: int, error: str) -> None:
        """Note one attempt's result in the log, in the attempts and at the webhook."""
        with self.lock:
            now = self._now()
            row.status = status
            file_id = row.event.payload.get("id", 0)
            self.attempts.append(
                Attempt(row.id, row.webhook_id, row.event.trigger, file_id, attempt, status, error, now)
            )
            if not error:
                row.delivery = now
            hook = self.by_id.get(row.webhook_id)
            if hook is None:
                return
            if error:
                changed = replace(hook, last_failure_on=now, last_failure_content=error, status=status)
            else:
                changed = replace(hook, last_success_on=now, status=status)
            self.put(changed)
