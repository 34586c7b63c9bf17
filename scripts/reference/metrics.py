"""The metrics, from the registries that the workers fill."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

import shared.process.log_lines
import shared.threads.vital  # noqa: F401 - the two count in PROCESS
from scripts.reference.table import code, table
from shared.runtime.metrics import Metrics
from shared.threads.counts import PROCESS

ENDS = {"counter": "_total", "info": "_info"}
"""What the page puts after the name."""


def sections() -> str:
    seen: set[str] = set()
    rows = []
    for workers, registry in _registries():
        for metric in _metrics(registry):
            kind = metric._type or ""  # noqa: SLF001 - as below
            name = metric._name + ENDS.get(kind, "")  # noqa: SLF001 - as below
            if name not in seen:
                seen.add(name)
                labels = ", ".join(map(code, metric._labelnames))  # noqa: SLF001 - as below
                rows.append((code(name), kind, labels, workers, metric._documentation))  # noqa: SLF001
    return table(("metric", "kind", "labels", "of", "meaning"), rows)


def _registries() -> Iterator[tuple[str, CollectorRegistry]]:
    """As the workers fill them, and who does."""
    yield "every worker", Metrics().registry
    yield "every worker", PROCESS
    ingress = Metrics()
    ingress.watch_signatures(secrets=1)
    ingress.watch_refusals()
    ingress.watch_spool(lambda: 0, lambda: 0, lambda: 0, lambda: True)
    yield "ingress", ingress.registry
    careful = Metrics()
    careful.watch_breaker(lambda: False)
    yield "classifier, mover", careful.registry
    stage = Metrics()
    stage.watch_configuration("", dict)
    yield "classifier, mover, notifier", stage.registry
    notifier = Metrics()
    notifier.watch_outbox(lambda: 0, lambda: 0)
    yield "notifier", notifier.registry


def _metrics(registry: CollectorRegistry) -> Iterator[MetricWrapperBase]:
    """In the order in which they were made. Nothing public tells of a metric without a value, or its labels."""
    for collector in registry._collector_to_names:  # noqa: SLF001 - see above
        if isinstance(collector, MetricWrapperBase):
            yield collector
