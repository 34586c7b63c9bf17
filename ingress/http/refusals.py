"""What is not let in: each is counted, and a log line tells of it at most once a second for each reason."""

from collections.abc import Callable

import structlog

from shared.runtime.metrics import Metrics
from shared.runtime.sparing import Sparing

log = structlog.get_logger()

Refuse = Callable[[str, str | None], None]
"""The reason, one of few, and who asked, where that is known."""


class Refusals:
    def __init__(self, metrics: Metrics) -> None:
        self._counter = metrics.watch_refusals()
        self._sparing = Sparing()

    def note(self, reason: str, remote: str | None = None) -> None:
        self._counter.labels(reason).inc()
        if (left_out := self._sparing.due(reason)) is not None:
            log.warning("webhook.refused", reason=reason, remote=remote, left_out=left_out)
