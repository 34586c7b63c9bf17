"""What the workers' health pages say of them: `/readyz`, and the figures of `/metrics` that a person asks for."""

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from console.http_call import NoAnswerError, call

TIMEOUT_S = 3.0
"""A worker answers from memory."""
READY, NOT_READY = 200, 503


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
    breaker_open: bool | None = None


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
        faults = {str(name): str(fault) for name, fault in json.loads(answer.body)["faults"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return WorkerPage(
            address, ready=False, faults={"answer": f"{answer.status} to /readyz, which is no worker's"}
        )
    return _with_figures(address, ready=False, faults=faults)


def _with_figures(address: str, *, ready: bool, faults: dict[str, str]) -> WorkerPage:
    figures = _figures(address)
    spool, breaker = figures.get("intake_spool_events"), figures.get("intake_breaker_open")
    in_hand = figures.get("intake_messages_in_flight")
    return WorkerPage(
        address,
        ready=ready,
        faults=faults,
        in_hand=None if in_hand is None else int(in_hand),
        settled=figures.get("intake_messages_settled_total") if figures else None,
        spool_events=None if spool is None else int(spool),
        spool_oldest_s=figures.get("intake_spool_oldest_seconds"),
        breaker_open=None if breaker is None else bool(breaker),
    )


def _figures(address: str) -> dict[str, float]:
    """Summed over their labels; empty where the page cannot be had."""
    found: dict[str, float] = {}
    try:
        page = call("GET", f"{address}/metrics", timeout_s=TIMEOUT_S)
        for family in text_string_to_metric_families(page.body.decode()):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
    except (NoAnswerError, ValueError):
        return {}
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
