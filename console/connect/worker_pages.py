"""What the workers' health pages say of them: `/readyz`, and the figures of `/metrics` that a person asks for."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from console.connect.http import NoAnswerError, call
from shared.process.configuration import Configuration
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
    notes: dict[str, str] = field(default_factory=dict)
    """What is wrong and stops no work, by check."""
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
    notes = _sentences(answer.body, "notes") or {}
    if answer.status == READY:
        return replace(_with_figures(address, ready=True, faults={}), notes=notes)
    faults = _sentences(answer.body, "faults")
    if faults is None:
        return WorkerPage(
            address, ready=False, faults={"answer": f"{answer.status} to /readyz, which is no worker's"}
        )
    return replace(_with_figures(address, ready=False, faults=faults), notes=notes)


def _sentences(body: bytes, part: str) -> dict[str, str] | None:
    """By check; None where the page says nothing of the kind."""
    try:
        told: Any = loads(body)
        return {str(name): str(sentence) for name, sentence in told[part].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _with_figures(address: str, *, ready: bool, faults: dict[str, str]) -> WorkerPage:
    from console.connect import figures  # noqa: PLC0415 - where no worker answers, no metrics need be read

    return figures.page(address, ready=ready, faults=faults)


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
