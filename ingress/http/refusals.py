"""Counts each refusal, and logs one line a second at most for each reason."""

from collections.abc import Callable

import structlog

from shared.runtime.metrics import Metrics
from shared.runtime.sparing import Sparing

log = structlog.get_logger()

Refuse = Callable[[str, str | None], None]
"""`reason` must be one of few. `asker` is the address of the client, where it is known."""


class Refusals:
    def __init__(self, metrics: Metrics) -> None:
        self._counter = metrics.watch_refusals()
        self._sparing = Sparing()

    def note(self, reason: str, remote: str | None = None) -> None:
        self._counter.labels(reason).inc()
        if (left_out := self._sparing.due(reason)) is not None:
            log.warning("webhook.refused", reason=reason, remote=remote, left_out=left_out)
