"""A worker's Prometheus metrics, in one registry that is passed around.

Failures of threads and dropped log lines can come before it exists; `shared.threads.counts` has these.
"""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from shared.threads.counts import PROCESS

SECONDS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
SINCE_WEBHOOK = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400)
"""From an idle pipeline to RETRY_MAX_AGE_S."""

SIGNED = "intake_webhooks_signed"
SIGNED_LAST = "intake_webhooks_signed_last_timestamp_seconds"
REFUSED = "intake_webhooks_refused"
CONFIGURATION = "intake_configuration"


class Signatures:
    """Counts an ingress's webhooks by the secret that signed them: its place in DOCSPACE_WEBHOOK_SECRET."""

    def __init__(self, registry: CollectorRegistry, secrets: int) -> None:
        places = [str(place) for place in range(1, secrets + 1)]
        signed = Counter(SIGNED, "Webhooks accepted, by the place of their secret", ["secret"], registry=registry)
        last = Gauge(SIGNED_LAST, "When the last of them came, 0 for never", ["secret"], registry=registry)
        self.refused = Counter(REFUSED, "Webhooks with a signature of none of them", registry=registry)
        self._signed = [signed.labels(place) for place in places]
        self._last = [last.labels(place) for place in places]

    def accepted(self, secret: int, at: float) -> None:
        """`secret` counts from 0; `at` is seconds since the epoch."""
        self._signed[secret].inc()
        self._last[secret].set(at)


class Metrics:
    """What `/metrics` shows. Names start with `intake_`; times are seconds."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, milestone: str | None = None) -> None:
        """`milestone` is the one of the process's stage, if it has one."""
        self.registry = CollectorRegistry()
        self.registry.register(PROCESS)
        self.settled = Counter(
            "intake_messages_settled",
            "Messages answered, by outcome and the code of its reason",
            ["outcome", "code"],
            registry=self.registry,
        )
        self.handling = Histogram(
            "intake_handle_seconds", "Time in the handler", buckets=SECONDS, registry=self.registry
        )
        self.since_webhook: Histogram | None = None
        if milestone is not None:
            self.since_webhook = Histogram(
                f"intake_webhook_to_{milestone}_seconds",
                f"Time from the ingress's taking a webhook until its invoice was {milestone}",
                buckets=SINCE_WEBHOOK,
                registry=self.registry,
            )
        self.in_flight = Gauge(
            "intake_messages_in_flight", "Messages taken and not yet acknowledged", registry=self.registry
        )
        self.publish_failures = Counter(
            "intake_publish_failures", "Publishes not confirmed, by kind", ["kind"], registry=self.registry
        )
        self.connections_lost = Counter(
            "intake_connections_lost", "Broker connections lost", ["link"], registry=self.registry
        )
        self._refresh: Callable[[], None] = lambda: None
        self.ready = Gauge("intake_ready", "1 while /readyz is green", registry=self.registry)

    def watch_spool(
        self,
        depth: Callable[[], float],
        oldest_age_s: Callable[[], float],
        set_aside: Callable[[], float],
        works: Callable[[], bool],
    ) -> None:
        """Show an ingress's spool. The values are read each time the page is asked for."""
        Gauge("intake_spool_events", "Events that wait for the broker", registry=self.registry).set_function(depth)
        Gauge("intake_spool_oldest_seconds", "Age of the oldest of them", registry=self.registry).set_function(
            oldest_age_s
        )
        Gauge(
            "intake_spool_set_aside", "Events that the broker refuses for good, or that cannot be read",
            registry=self.registry,
        ).set_function(set_aside)  # fmt: skip
        Gauge("intake_spool_works", "1 while the spool can take events", registry=self.registry).set_function(
            lambda: float(works())
        )

    def watch_signatures(self, secrets: int) -> Signatures:
        """Count an ingress's webhooks by the secret that signed them; `secrets` is how many it has."""
        return Signatures(self.registry, secrets)

    def watch_refusals(self) -> Counter:
        """Count the requests and connections that an ingress refuses, by reason."""
        name = "intake_requests_refused"
        return Counter(name, "Requests and connections that were refused", ["reason"], registry=self.registry)

    def watch_breaker(self, is_open: Callable[[], bool]) -> None:
        Gauge(
            "intake_breaker_open",
            "1 while no messages are taken, because the portal as a whole is down or refuses our key",
            registry=self.registry,
        ).set_function(lambda: float(is_open()))

    def watch_outbox(self, waiting: Callable[[], float], overdue_s: Callable[[], float]) -> None:
        """Show what is told later. Each notifier shows the same."""
        Gauge(
            "intake_outbox_waiting", "Invoices that are told later, once for each recipient or channel",
            registry=self.registry,
        ).set_function(waiting)  # fmt: skip
        Gauge(
            "intake_outbox_overdue_seconds", "For how long the oldest message of several invoices is due",
            registry=self.registry,
        ).set_function(overdue_s)  # fmt: skip

    def watch_configuration(self, stage: str, read: Callable[[], Mapping[str, str]]) -> None:
        """Show what the process runs with, read whenever the page is."""
        told = Info(CONFIGURATION, "What this worker runs with, as hashes without secrets", registry=self.registry)
        self._refresh = lambda: told.info({"stage": stage, **read()})

    def render(self) -> bytes:
        self._refresh()
        return generate_latest(self.registry)
