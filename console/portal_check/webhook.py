"""What became of the webhook of the check's file: the portal's log tells what it sent, the broker what came in."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.amqp.operator.past import NoStreamError, past
from shared.docspace.client import Client
from shared.docspace.errors import ScopeMissingError
from shared.docspace.payload import parse
from shared.docspace.webhook_log import newest
from shared.errors import IntakeError, PermanentError
from shared.runtime.settle import EXCHANGE
from shared.wire.events import EntryId

PAUSE_S = 0.5
LOG_OF_S = 3600


class Verdict(NamedTuple):
    text: str
    """It names no entry, person or address."""
    is_well: bool = True
    """Also where nothing could be looked at."""


@dataclass(slots=True)
class Watch:
    client: Client
    broker: Sequence[str]
    """AMQP URLs."""
    file_id: EntryId
    since: float
    """Seconds since the epoch: the broker is asked for what was published since."""
    not_at_ingress: str | None = None
    """Why nobody can say what came in, once that is known."""
    not_in_log: str | None = None

    def verdict(self, wait_s: float, sleep: Callable[[float], None]) -> Verdict:
        """Look again and again, until the webhook is seen at the ingress or the wait is over."""
        until = time.monotonic() + wait_s
        while True:
            if self._came_in():
                return Verdict("seen at the ingress")
            is_delivered = self._is_delivered()
            if self.not_at_ingress and (is_delivered or self.not_in_log):
                break
            if time.monotonic() > until:
                break
            sleep(PAUSE_S)
        if self.not_at_ingress and self.not_in_log:
            return Verdict(f"not looked for: {self.not_at_ingress}, and {self.not_in_log}")
        if self.not_at_ingress and is_delivered:
            return Verdict(f"delivered, says the portal; {self.not_at_ingress}, so nobody looked at the ingress")
        if is_delivered:
            told = "the portal delivered it, and it did not come to this ingress: does its address lead elsewhere?"
            return Verdict(told, is_well=False)
        return Verdict(f"not seen within {wait_s:g} s: intake doctor says more", is_well=False)

    def _came_in(self) -> bool:
        if self.not_at_ingress:
            return False
        try:
            return any(
                delivery.exchange == EXCHANGE and is_about(delivery.message.body, self.file_id)
                for delivery in past(self.broker, self.since)
            )
        except NoStreamError:
            self.not_at_ingress = "no history is kept on this broker"
        except IntakeError:
            self.not_at_ingress = "the broker cannot be reached from here"
        return False

    def _is_delivered(self) -> bool:
        if self.not_in_log:
            return False
        since = datetime.now(UTC) - timedelta(seconds=LOG_OF_S)
        try:
            rows = (row for row in newest(self.client) if row.happened_at is None or row.happened_at >= since)
            return any(row.delivered and is_about(row.body, self.file_id) for row in rows)
        except ScopeMissingError:
            self.not_in_log = "the key may not read the webhooks' log"
        except IntakeError:
            self.not_in_log = "the portal does not tell its log"
        return False


def is_about(body: bytes, file_id: EntryId) -> bool:
    """Whether it is a webhook about that file: its event and its webhook have ids too."""
    try:
        return str(parse(body).entry.id) == str(file_id)
    except PermanentError:
        return False
