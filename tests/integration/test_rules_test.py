"""`intake rules test` against a real broker's stream, and the simulated portal where it does not tell the room."""

import itertools
import json
import time
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from classifier.handler import Ports, handle
from console.__main__ import app
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.past import NoStreamError, past
from shared.amqp.operator.stream import batches
from shared.rules.file import single_rule
from shared.runtime.ladder import Ladder
from shared.runtime.settle import EXCHANGE, Settler
from shared.wire.message import Message, Publication
from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.test_what_if import INCOMING, OTHER, ROOM, SUB, portal_with, webhook
from tests.support.proxy import proxy
from tests.support.runtime import DELAYS_S, running_publisher

NEW = f"""
[[rule]]
name = "bills"
rooms = [{ROOM}, {OTHER}]
titles = ["bill", "invoice 1"]
destination = {INCOMING}
recipients = ["manager@example.com"]
"""
SETTLER = Settler("classifier", Ladder(DELAYS_S, 60), app_id="classifier", by="test")
LIVE = single_rule(str(ROOM), str(INCOMING), "manager@example.com")


@pytest.fixture
def stream_url(vhost_url: str) -> str:
    """Where a projector has run once."""
    stopping = itertools.chain([False], itertools.repeat(True)).__next__
    assert list(batches([vhost_url], DELAYS_S, lambda _: None, stopping)) == [[]]
    return vhost_url


def happened(url: str, *uploads: Message) -> None:
    """The webhooks and what the classifier made of them, published as the workers do."""
    with running_publisher(url) as publisher:
        for upload in uploads:
            title = json.loads(upload.body)["payload"]["title"]
            outcome = handle(upload, Ports(LIVE, portal_with(title)))
            came = Publication(exchange=EXCHANGE, routing_key=upload.type, message=upload, mandatory=True)
            publisher.publish(came, 30)
            publisher.publish(SETTLER.settle(upload, outcome, time.time()).publication, 30)


def ask(url: str, folder, *arguments: str, code: int = 0, **environ: str):
    file = folder / "new.toml"
    file.write_text(NEW)
    result = CliRunner().invoke(app, ["rules", "test", str(file), *arguments], env={"AMQP_URL": url, **environ})
    assert result.exit_code == code, result.output
    return result


def test_the_past_is_read_to_its_end_and_what_would_change_is_told(stream_url, tmp_path) -> None:
    now = int(time.time())
    uploads = [
        replace(upload, timestamp=now - age_s)
        for upload, age_s in (
            (webhook(1, "Invoice 1.pdf"), 60),
            (webhook(2, "Invoice 2.pdf"), 50),
            (webhook(3, "Bill 3.pdf"), 40),
            (webhook(4, "Bill 4.pdf", SUB), 30),
            (webhook(5, "Invoice 5.pdf"), 7_200),
        )
    ]
    happened(stream_url, *uploads)
    told = json.loads(ask(stream_url, tmp_path, "--since", "1h", "--offline", "--json").stdout)
    assert {name: told[name] for name in ("uploads", "same", "changed", "unknown")} == {
        "uploads": 4, "same": 1, "changed": 2, "unknown": 1,
    }  # fmt: skip
    changes = {one["title"]: (one["old"]["outcome"], one["new"]["outcome"]) for one in told["changes"]}
    assert changes == {"Invoice 2.pdf": ("invoice", "skip"), "Bill 3.pdf": ("skip", "invoice")}
    assert [one["why"] for one in told["unknowns"]] == [
        f"only the portal knows the room of folder {SUB}: it was not asked (--offline)"
    ]
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url=""))
    simulator.start()
    try:
        shown = ask(
            stream_url, tmp_path, "--since", "1d", DOCSPACE_API_HOST=simulator.url, DOCSPACE_API_KEY="sk-simulator"
        )
    finally:
        simulator.stop()
    assert "5 uploads" in shown.stderr
    assert "4 would change, 1 stay the same, 0 unknown" in shown.stderr
    assert len(shown.stdout.splitlines()) == 4
    assert 'Bill 4.pdf\tAcme Ltd\tskip: rule "default"' in shown.stdout


def test_reading_the_past_takes_nothing_and_ends_where_nothing_is(stream_url) -> None:
    happened(stream_url, webhook(1, "Invoice 1.pdf"))
    first, again = (list(past([stream_url], time.time() - 3_600)) for _ in range(2))
    assert len(first) == len(again) == 2
    assert [delivery.offset for delivery in first] == [0, 1]


def test_a_broker_that_goes_midway_is_one_sentence_and_never_half_a_past(
    stream_url, free_port, monkeypatch
) -> None:
    monkeypatch.setattr("shared.amqp.operator.past.PREFETCH", 1)  # else a few messages are all here before it goes
    monkeypatch.setattr("shared.amqp.operator.past.ACK_EVERY", 1)
    happened(stream_url, *(webhook(number, "Invoice.pdf") for number in range(1, 4)))
    target = urlsplit(stream_url)
    with proxy(free_port(), target.port) as way:
        found = past([stream_url.replace(f":{target.port}/", f":{way.port}/")], time.time() - 3_600)
        next(found)
        way.down()
        with pytest.raises(UnavailableError, match="the broker went away"):
            list(found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "no history is kept on this broker"), (("--since", "yesterday"), "is no time such as")],
)
def test_what_cannot_be_told_is_one_sentence(any_vhost_url, tmp_path, arguments, said) -> None:
    result = ask(any_vhost_url, tmp_path, *arguments, code=2 if arguments else 1)
    assert said in result.stderr
    with pytest.raises(NoStreamError):
        list(past([any_vhost_url], 0))
