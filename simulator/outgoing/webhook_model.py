"""The portal's records of its webhooks: configurations, the log of deliveries, each attempt. No behaviour."""

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
    """A user id; empty until the webhook is changed or sends something."""
    modified: datetime | None = None
    last_failure_on: datetime | None = None
    last_failure_content: str = ""
    last_success_on: datetime | None = None

    @property
    def is_dead_letter(self) -> bool:
        """Whether it requires a certificate at an http address. The first event then disables it."""
        return self.ssl and self.uri.casefold().startswith("http://")

    def addressee(self) -> Addressee:
        return Addressee(self.id, self.name, self.uri, self.triggers, self.target_id)


@dataclass
class LogRow:
    """One event for one webhook. Its id is `event.id`, and stays over all automatic retries."""

    id: int
    event: Event
    created: datetime
    owner_id: str
    to: Addressee
    """The webhook as it was when the event was written."""
    request_headers: str = ""
    request_payload: str = ""
    response_headers: str = ""
    response_payload: str = ""
    status: int = 0
    """0 until the attempts are over, and afterwards if no answer came.

    Until the attempts are over, all that an answer brings is empty, and so are the request's headers. So a row
    without headers still waits, or the portal forgot it.
    """
    delivery: datetime | None = None


@dataclass(frozen=True)
class Told:
    """The result of an attempt. With an error it failed. `status` 0: no answer came."""

    request_headers: str
    request_payload: str
    status: int = 0
    error: str = ""
    response_headers: str = ""
    response_payload: str = ""
    late: bool = False
    """The answer did not come in time. The portal then records the status 500."""


@dataclass(frozen=True)
class Attempt:
    """One POST. `status` 0: no answer came, and `error` says why."""

    event_id: int
    webhook_id: int
    trigger: str
    file_id: int | str
    created: str
    modified: str
    """The times of the file, as the payload has them."""
    attempt: int
    status: int
    error: str
    at: datetime
