"""Reports a settled message: in the log, in the metrics, and how long its upload has taken so far."""

import functools
import time
from collections.abc import Callable

import structlog
from prometheus_client import Histogram

from shared.runtime.metrics import Metrics
from shared.runtime.settle import Settlement
from shared.wire.message import Message

log = structlog.get_logger()


class Telling:
    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self._settled_of = functools.cache(metrics.settled.labels)
        self._since_webhook = metrics.since_webhook
        self._clock = clock

    def settled(self, message: Message, settlement: Settlement, took_s: float) -> None:
        """Call it once the broker has confirmed what came of the message. `took_s` counts from the delivery."""
        self._settled_of(settlement.kind, settlement.code or "").inc()
        if self._since_webhook is not None and settlement.kind == "forward":
            self._observe(self._since_webhook, message)
        log.info(
            "message.settled",
            outcome=settlement.kind,
            reason=settlement.reason,
            code=settlement.code,
            type=message.type,
            attempt=message.attempt,
            took_ms=round(took_s * 1000),
            message_id=message.message_id,
            correlation_id=message.correlation_id,
        )

    def _observe(self, since_webhook: Histogram, message: Message) -> None:
        """Uploads that no webhook announced are left out, and work that an operator has done again with
        `--override`.

        The clocks of two hosts may differ, so a negative time counts as 0.
        """
        if message.received_at is not None and not message.override:
            since_webhook.observe(max(0.0, self._clock() - message.received_at))
