"""What many uploads at once become: with real workers, a real broker and a real mail server."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.wire.events import DigestSent, InvoiceAnnounced, NotificationWaiting
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, ROOM, Pipeline, running_pipeline
from tests.support.runtime import messages_in, plain_channel, waiting_in
from tests.support.waiting import wait_until

UPLOADS = 40
ANNA, BEN = "anna@example.com", "ben@example.com"
EVERY_S = 20
"""Longer than two notifiers take for all of them, on a machine with other work too."""
RULES = f"""
[[rule]]
name = "acme"
rooms = [{ROOM}]
destination = {INCOMING}
recipients = ["{ANNA}", "{BEN}"]
digest = "every {EVERY_S} seconds"
"""
FACTS = (InvoiceAnnounced.routing_key, NotificationWaiting.routing_key, DigestSent.routing_key)


@pytest.fixture
def vhost(any_broker: Broker) -> Iterator[str]:
    with fresh_vhost(any_broker) as url:
        yield url


@pytest.fixture
def pipeline(vhost: str, tmp_path: Path) -> Iterator[Pipeline]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    with running_pipeline(vhost, tmp_path, held=["notifier"], RULES_FILE=str(rules)) as running:
        for name in ("ingress", "classifier", "mover"):
            running.workers[name].wait_ready()
        yield running


def listen(url: str) -> None:
    with plain_channel(url) as channel:
        channel.queue_declare("facts", durable=True)
        for key in FACTS:
            channel.queue_bind("facts", "docspace", key)


def heard(url: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Each fact: its key, its message's id and its body."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    with plain_channel(url) as channel:
        while True:
            method, props, body = channel.basic_get("facts", auto_ack=True)
            if method is None:
                return found
            found.append((method.routing_key, props.message_id, json.loads(body)))


def named_in(mail: dict[str, Any], titles: set[str]) -> set[str]:
    return {title for title in titles if title in f"{mail['subject']}\n{mail['text']}"}


def test_forty_uploads_at_once_are_two_messages_to_each_that_name_all_of_them_once(pipeline, vhost):
    titles = {f"Invoice {number:02} of forty.pdf" for number in range(UPLOADS)}
    listen(vhost)
    for title in sorted(titles):
        pipeline.upload(title, kind="simple")
    wait_until(lambda: waiting_in(vhost, "notifier") == UPLOADS, 120, "all to wait for the notifier")

    first, second = pipeline.workers["notifier"], pipeline.start_another("notifier")
    first.start()
    wait_until(lambda: len(pipeline.state()["mails"]) >= 2, 60, "the first to be told at once")
    wait_until(lambda: not messages_in(vhost, ["notifier"]), 60, "all to be handled")
    assert len(pipeline.state()["mails"]) == 2
    wait_until(lambda: len(pipeline.state()["mails"]) >= 4, EVERY_S + 60, "the others to be told")
    facts: list[tuple[str, str, dict[str, Any]]] = []

    def announced() -> bool:
        facts.extend(heard(vhost))
        return Counter(key for key, _, _ in facts)[InvoiceAnnounced.routing_key] >= UPLOADS

    wait_until(announced, 60, "everybody to hear that all were told")

    mails = pipeline.state()["mails"]
    assert Counter(mail["to"][0] for mail in mails) == {ANNA: 2, BEN: 2}
    for recipient in (ANNA, BEN):
        names = [named_in(mail, titles) for mail in mails if mail["to"] == [recipient]]
        assert sorted(map(len, names)) == [1, UPLOADS - 1]
        assert set().union(*names) == titles
    assert sum(f"{UPLOADS - 1} invoices" in mail["subject"] for mail in mails) == 2

    by_key = Counter(key for key, _, _ in facts)
    ids = {(key, id_) for key, id_, _ in facts}
    assert len(ids) == len(facts)
    assert by_key[InvoiceAnnounced.routing_key] == UPLOADS
    assert by_key[DigestSent.routing_key] == 2
    assert {fact["title"] for key, _, fact in facts if key == InvoiceAnnounced.routing_key} == titles
    # the first of each: the same invoice, or one of two that both notifiers took at once
    assert by_key[NotificationWaiting.routing_key] in {UPLOADS - 1, UPLOADS}
    took_part = [
        worker for worker in (first, second) if any(e["event"] == "message.settled" for e in worker.events())
    ]
    assert took_part == [first, second]
    outcomes = Counter(
        e["outcome"] for worker in (first, second) for e in worker.events() if e["event"] == "message.settled"
    )
    assert set(outcomes) <= {"forward", "wait"}
