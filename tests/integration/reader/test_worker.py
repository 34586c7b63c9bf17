"""The reader between mover and notifier, with a real broker: what it reads goes along, and it holds nothing up."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pika
import pytest

from shared.runtime.settle import EXCHANGE
from shared.wire.facts import Source, Unread
from shared.wire.stages import NOTIFIER, READER
from tests.support.invoices.invoice import Invoice
from tests.support.invoices.printed import Attached, printed
from tests.support.invoices.written import as_cii, as_ubl
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.runtime import plain_channel
from tests.support.waiting import wait_until

MOST_S = 60.0
"""How much later than without a reader a message may be."""


@pytest.fixture
def pipeline(any_vhost_url: str, tmp_path: Path) -> Iterator[Pipeline]:
    with running_pipeline(any_vhost_url, tmp_path, reader=True) as found:
        found.wait_ready()
        yield found


class Heard:
    """What is published as `invoice.read` from now on."""

    def __init__(self, url: str) -> None:
        self.url = url
        with plain_channel(url) as channel:
            channel.queue_declare("heard", durable=True)
            channel.queue_bind("heard", EXCHANGE, READER.publishes.routing_key)

    def next(self) -> tuple[dict[str, Any], pika.BasicProperties]:
        with plain_channel(self.url) as channel:
            _, props, body = wait_until(lambda: _taken(channel), 30, "an invoice to be read", every_s=0.05)
        return json.loads(body), props


def _taken(channel: Any) -> Any:
    found = channel.basic_get("heard", auto_ack=True)
    return found if found[0] else None


def told(pipeline: Pipeline, title: str, within_s: float = 30) -> dict[str, Any]:
    (mail,) = wait_until(lambda: pipeline.mails_about(title), within_s, f"{title} to be told", every_s=0.1)
    return mail


def test_what_a_filed_invoice_says_goes_along_and_all_is_told_once(pipeline: Pipeline, any_vhost_url: str) -> None:
    heard, invoice = Heard(any_vhost_url), Invoice()
    files = {
        "Invoice xml.xml": (as_ubl(invoice), Source.XML, None),
        "Invoice hybrid.pdf": (
            printed("Rechnung", attached=[Attached("factur-x.xml", as_cii(invoice))]),
            Source.PDF_XML,
            None,
        ),
        "Invoice locked.pdf": (printed("Rechnung", password="secret"), Source.NONE, Unread.ENCRYPTED),
        "Invoice scan.pdf": (printed(""), Source.NONE, Unread.NO_TEXT),
        "Invoice large.pdf": (b"%PDF-" + bytes(26 * 1024 * 1024), Source.NONE, Unread.TOO_LARGE),
    }
    for title, (data, source, unread) in files.items():
        pipeline.upload(title, data=data)
        read, _ = heard.next()
        assert read["title"] == title
        facts = read["facts"]
        assert (facts.get("source", Source.NONE), facts.get("unread")) == (source, unread)
        if not unread:
            assert (facts["number"], facts["amounts"]["payable"]) == (invoice.number, f"{invoice.payable:.2f}")
        told(pipeline, title)
    assert len(pipeline.state()["mails"]) == len(pipeline.state()["moves"]) == len(files)


def test_what_a_frozen_reader_holds_is_told_of_within_a_minute_and_once(
    pipeline: Pipeline, any_vhost_url: str
) -> None:
    titles = [f"Invoice frozen {number}.pdf" for number in range(5)]
    pipeline.workers["reader"].freeze()
    try:
        for title in titles:
            pipeline.upload(title)
        for title in titles:
            told(pipeline, title, MOST_S)
    finally:
        pipeline.workers["reader"].wake()
    wait_until(lambda: is_empty(any_vhost_url), 30, "all to be settled", every_s=0.2)
    time.sleep(1)
    assert sorted(mail["subject"] for mail in pipeline.state()["mails"]) == sorted(
        told(pipeline, title)["subject"] for title in titles
    )


def is_empty(url: str) -> bool:
    with plain_channel(url) as channel:
        waiting = [channel.queue_declare(name, passive=True).method for name in (READER.name, NOTIFIER.name)]
    return not any(each.message_count for each in waiting)


def test_a_portal_that_gives_no_bytes_delays_no_message(pipeline: Pipeline, any_vhost_url: str) -> None:
    heard = Heard(any_vhost_url)
    pipeline.faults({"status": [{"code": 503, "path_contains": "presigneduri", "times": 99}]})
    pipeline.upload("Invoice unreachable.pdf")
    told(pipeline, "Invoice unreachable.pdf", 15)
    assert "facts" not in heard.next()[0]


def test_with_a_dead_reader_and_switched_off_all_is_told_in_time_and_once(
    any_vhost_url: str, tmp_path: Path
) -> None:
    with running_pipeline(any_vhost_url, tmp_path, reader=True) as pipeline:
        pipeline.wait_ready()
        pipeline.upload("Invoice on.pdf")
        told(pipeline, "Invoice on.pdf")
        heard = Heard(any_vhost_url)
        pipeline.workers["reader"].stop()
        pipeline.upload("Invoice between.pdf")
        wait_until(lambda: len(pipeline.state()["moves"]) == 2, 20, "it to be filed")
        for name in ("ingress", "classifier", "mover", "notifier"):
            pipeline.workers[name].stop()
            pipeline.workers[name].start(READER="off")
        for name in ("ingress", "classifier", "mover", "notifier"):
            pipeline.workers[name].wait_ready()
        began = time.monotonic()
        pipeline.upload("Invoice off.pdf")
        told(pipeline, "Invoice off.pdf")
        assert time.monotonic() - began < (READER.patience_s or 0)
        told(pipeline, "Invoice between.pdf", MOST_S)
        read, props = heard.next()
        assert (read["title"], "facts" in read, props.type) == ("Invoice between.pdf", False, "invoice.filed")
        assert len(pipeline.state()["mails"]) == 3
