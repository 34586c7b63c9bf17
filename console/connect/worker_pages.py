"""What the workers' health pages say of them: `/readyz`, and the figures of `/metrics` that a person asks for."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from console.connect.http import NoAnswerError, call
from shared.process.configuration import Configuration
from shared.runtime.metrics import CONFIGURATION, REFUSED, SIGNED, SIGNED_LAST
from shared.text.reading import loads

TIMEOUT_S = 3.0
"""A worker answers from memory."""
READY, NOT_READY = 200, 503


@dataclass(frozen=True, slots=True)
class SecretUse:
    """How many webhooks an ingress took that were signed with one of its secrets."""

    place: int
    """In DOCSPACE_WEBHOOK_SECRET; the first is 1."""
    webhooks: int
    """Since it started."""
    last_at: float | None
    """Seconds since the epoch; None for never."""


@dataclass(frozen=True, slots=True)
class WorkerPage:
    """A figure is None where the worker has no such thing, or did not tell."""

    address: str
    ready: bool
    faults: dict[str, str]
    """What is missing, by check; `answer` where there was no readable one."""
    in_hand: int | None = None
    settled: float | None = None
    """Messages answered since it started."""
    settled_per_s: float | None = None
    """Between this look and the one before."""
    spool_events: int | None = None
    spool_oldest_s: float | None = None
    spool_set_aside: int = 0
    """Events that wait for a person."""
    breaker_open: bool | None = None
    secrets: tuple[SecretUse, ...] = ()
    """An ingress's, in their order."""
    refused: int | None = None
    """Webhooks that were signed with none of them, since it started."""
    stage: str = ""
    """Of a worker that tells what it runs with."""
    runs_with: Configuration | None = None


def every(addresses: Iterable[str]) -> list[str]:
    """Of a name with several addresses, as a scaled service has, each; a name that is unknown stays as it is."""
    return [each for address in addresses for each in _resolved(address.rstrip("/"))]


def ask(address: str) -> WorkerPage:
    """`address` is where the worker's health port is, such as http://mover:9100."""
    try:
        answer = call("GET", f"{address}/readyz", timeout_s=TIMEOUT_S)
    except NoAnswerError as error:
        return WorkerPage(address, ready=False, faults={"answer": str(error)})
    if answer.status == READY:
        return _with_figures(address, ready=True, faults={})
    try:
        faults = {str(name): str(fault) for name, fault in loads(answer.body)["faults"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return WorkerPage(
            address, ready=False, faults={"answer": f"{answer.status} to /readyz, which is no worker's"}
        )
    return _with_figures(address, ready=False, faults=faults)


def _with_figures(address: str, *, ready: bool, faults: dict[str, str]) -> WorkerPage:
    samples = _samples(address)
    figures = _figures(samples)
    refused = figures.get(f"{REFUSED}_total")
    spool, breaker = figures.get("intake_spool_events"), figures.get("intake_breaker_open")
    in_hand = figures.get("intake_messages_in_flight")
    stage, runs_with = _configuration(samples)
    return WorkerPage(
        address,
        ready=ready,
        faults=faults,
        in_hand=None if in_hand is None else int(in_hand),
        settled=figures.get("intake_messages_settled_total") if figures else None,
        spool_events=None if spool is None else int(spool),
        spool_oldest_s=figures.get("intake_spool_oldest_seconds"),
        spool_set_aside=int(figures.get("intake_spool_set_aside") or 0),
        breaker_open=None if breaker is None else bool(breaker),
        secrets=_secrets(samples),
        refused=None if refused is None else int(refused),
        stage=stage,
        runs_with=runs_with,
    )


def _samples(address: str) -> list[Sample]:
    """Empty where the page cannot be had."""
    try:
        page = call("GET", f"{address}/metrics", timeout_s=TIMEOUT_S)
        return [
            sample for family in text_string_to_metric_families(page.body.decode()) for sample in family.samples
        ]
    except (NoAnswerError, ValueError):
        return []


def _secrets(samples: list[Sample]) -> tuple[SecretUse, ...]:
    def by_place(name: str) -> dict[str, float]:
        return {sample.labels.get("secret", ""): sample.value for sample in samples if sample.name == name}

    last = by_place(SIGNED_LAST)
    return tuple(
        SecretUse(int(place), int(webhooks), last.get(place) or None)
        for place, webhooks in by_place(f"{SIGNED}_total").items()
        if place.isdecimal()
    )


def _configuration(samples: list[Sample]) -> tuple[str, Configuration | None]:
    for sample in samples:
        if sample.name == f"{CONFIGURATION}_info":
            told = {field.name: sample.labels.get(field.name, "") for field in fields(Configuration)}
            return sample.labels.get("stage", ""), Configuration(**told)
    return "", None


def _figures(samples: list[Sample]) -> dict[str, float]:
    """Summed over their labels."""
    found: dict[str, float] = {}
    for sample in samples:
        found[sample.name] = found.get(sample.name, 0.0) + sample.value
    if found:
        found.setdefault("intake_messages_settled_total", 0.0)  # no label yet: nothing was settled
    return found


def _resolved(address: str) -> list[str]:
    try:
        parts = urlsplit(address)
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return [address]
    hosts = sorted({str(where[4][0]) for where in found})
    if parts.scheme != "http" or len(hosts) < 2:  # noqa: PLR2004 - a certificate is for the name
        return [address]
    return [f"http://{f'[{host}]' if ':' in host else host}:{parts.port or 80}" for host in hosts]
