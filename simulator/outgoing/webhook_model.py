"""What the portal keeps of its webhooks: configurations, the log of what was sent, each attempt. Records alone."""

from dataclasses import dataclass, field
from datetime import datetime

from simulator.outgoing.payload import Addressee, Event


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
    modified_by: str = ""
    """A user id; empty until it is changed or sends something."""
    modified: datetime | None = None
    last_failure_on: datetime | None = None
    last_failure_content: str = ""
    last_success_on: datetime | None = None

    @property
    def is_dead_letter(self) -> bool:
        """It demands a certificate of an address that has none: the first event disables it."""
        return self.ssl and self.uri.casefold().startswith("http://")

    def addressee(self) -> Addressee:
        return Addressee(self.id, self.name, self.uri, self.triggers, self.target_id)


@dataclass
class LogRow:
    """One event for one webhook; its id is `event.id`, over all automatic retries."""

    id: int
    event: Event
    created: datetime
    owner_id: str
    to: Addressee
    """As the webhook was when the event was written."""
    request_headers: str = ""
    request_payload: str = ""
    response_headers: str = ""
    response_payload: str = ""
    status: int = 0
    """0 until the attempts are over, and for ever where no answer came.

    So is everything that an answer brings, the request's headers too: a row without them waits, or was forgotten.
    """
    delivery: datetime | None = None


@dataclass(frozen=True)
class Told:
    """What came of an attempt. An error means that it failed; `status` 0 that no answer came."""

    request_headers: str
    request_payload: str
    status: int = 0
    error: str = ""
    response_headers: str = ""
    response_payload: str = ""
    late: bool = False
    """The answer was waited for in vain; its status is then 500, the portal's own."""


@dataclass(frozen=True)
class Attempt:
    """One POST. `status` 0 means that no answer came; `error` then says why."""

    event_id: int
    webhook_id: int
    trigger: str
    file_id: int | str
    created: str
    modified: str
    """Of the file, as the payload tells them."""
    attempt: int
    status: int
    error: str
    at: datetime
