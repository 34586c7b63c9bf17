"""The figures of a worker's `/metrics` that a person asks for."""

from dataclasses import fields

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from console.connect.http import NoAnswerError, call
from console.connect.worker_pages import TIMEOUT_S, SecretUse, WorkerPage
from shared.process.configuration import Configuration
from shared.runtime.metrics import CONFIGURATION, REFUSED, SIGNED, SIGNED_LAST


def page(address: str, *, ready: bool, faults: dict[str, str]) -> WorkerPage:
    """What is told beside its readiness, which is known."""
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
