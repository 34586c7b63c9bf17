"""Tells that a message was settled: a line in the log, and a count in the metrics."""

import functools

import structlog

from shared.runtime.metrics import Metrics
from shared.runtime.settle import Settlement
from shared.wire.message import Message

log = structlog.get_logger()


class Telling:
    def __init__(self, metrics: Metrics) -> None:
        self._settled_of = functools.cache(metrics.settled.labels)

    def settled(self, message: Message, settlement: Settlement, took_s: float) -> None:
        """Call it once the broker has what came of the message. `took_s` is since the message was delivered."""
        self._settled_of(settlement.kind, settlement.code or "").inc()
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
