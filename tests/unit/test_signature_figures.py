"""Which secret the events that come are signed with: from an ingress's health page to status and doctor."""

import time
from datetime import UTC, datetime

import pytest

from console.connect.worker_pages import SecretUse, ask
from console.doctor.arrivals import arrivals, signatures
from console.doctor.line import Level
from console.doctor.webhook_others import Arrivals
from console.problems.problem import Found
from console.status.snapshot import Standing
from console.status.view import as_json, plain
from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics, Signatures

AT = 1_700_000_000.0


class Page:
    """The health page of an ingress with two secrets."""

    def __init__(self) -> None:
        metrics = Metrics()
        self.counts: Signatures = metrics.watch_signatures(2)
        server = HealthServer("127.0.0.1", 0, Readiness({}, metrics), metrics)
        server.start()
        self.address = f"http://127.0.0.1:{server.port}"


@pytest.fixture
def page() -> Page:
    return Page()


def test_status_shows_each_secret_by_its_place_with_its_events_and_the_last(page: Page) -> None:
    page.counts.accepted(0, time.time() - 185)
    page.counts.accepted(0, time.time() - 185)
    standing = Standing((), {}, (ask(page.address),))
    assert f"webhooks signed with, at {page.address}: secret 1: 2 (last 3m 5s ago), secret 2: 0" in plain(standing)
    (told,) = as_json(standing, Found(()))["workers"]
    assert [(use["place"], use["webhooks"]) for use in told["secrets"]] == [(1, 2), (2, 0)]


def test_a_worker_without_secrets_and_an_ingress_with_one_have_no_such_line() -> None:
    metrics = Metrics()
    server = HealthServer("127.0.0.1", 0, Readiness({}, metrics), metrics)
    server.start()
    worker = ask(f"http://127.0.0.1:{server.port}")
    assert (worker.secrets, worker.refused) == ((), None)
    assert [line for line in plain(Standing((), {}, (worker,))) if "signed with" in line] == []


def test_status_says_how_many_webhooks_were_refused_and_of_none_nothing(page: Page) -> None:
    def refused() -> list[str]:
        return [line for line in plain(Standing((), {}, (ask(page.address),))) if line.startswith("REFUSED")]

    assert refused() == []
    page.counts.refused.inc(2)
    assert refused() == [f"REFUSED at {page.address}: 2 webhooks since it started, signed with none of our secrets"]


def test_the_doctor_warns_while_the_last_event_came_with_the_old_secret(page: Page) -> None:
    assert list(signatures([page.address])) == [], "none came yet"
    page.counts.accepted(0, AT)
    page.counts.accepted(1, AT - 60)
    (line,) = signatures([page.address, page.address])
    assert line.level is Level.WARNING
    assert "the portal still signs with the old one" in line.text
    assert "at 2023-11-14 22:13:20 UTC, was signed with secret 1 of 2" in line.text
    assert "intake webhook rotate" in line.mend
    page.counts.accepted(1, AT + 60)
    (line,) = signatures([page.address])
    assert (line.level, "was signed with secret 2 of 2" in line.text) == (Level.OK, True)


def test_what_arrived_and_what_was_refused_is_told_where_the_page_can_be_read(page: Page) -> None:
    assert arrivals(["http://127.0.0.1:1"]) is None
    assert arrivals([page.address]) == Arrivals(0)
    page.counts.accepted(1, AT)
    page.counts.refused.inc()
    assert arrivals(["http://127.0.0.1:1", page.address]) == Arrivals(1, datetime.fromtimestamp(AT, UTC))
    assert ask(page.address).secrets == (SecretUse(1, 0, None), SecretUse(2, 1, AT))
