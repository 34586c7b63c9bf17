"""`intake dead` and the letters of an endpoint: listed, and sent back to it."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.__main__ import app
from shared.runtime.settle import EXCHANGE
from shared.wire.message import Message, Publication
from tests.integration.dispatcher.desk import Desk
from tests.support.receiver import Receiver
from tests.support.runtime import crash_until_buried, waiting_in
from tests.support.waiting import wait_until

LANE = "dispatcher.erp"


def run(desk: Desk, *arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(app, ["dead", *arguments], env={**desk.environ, **settings})


def listed(desk: Desk, *arguments: str, **settings: str) -> list[tuple[str, str, int]]:
    done = run(desk, "list", "--json", *arguments, **settings)
    assert done.exit_code == 0, done.output
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return [(group["stage"], group["code"], group["count"]) for group in told]


@pytest.fixture
def buried(desk: Desk, receiver: Receiver, any_vhost_url: str) -> str:
    """The id of a filed invoice that the broker buried while the dispatcher was killed again and again."""
    desk.start(desk.table("erp", receiver))
    desk.worker.stop(timeout_s=60)
    message_id = desk.file(1)
    wait_until(lambda: waiting_in(any_vhost_url, LANE) == 1, 30, "the event")
    crash_until_buried(any_vhost_url, LANE)
    return message_id


def test_a_letter_of_an_endpoint_is_listed_and_delivered_by_a_replay(
    desk: Desk, receiver: Receiver, any_vhost_url: str, buried: str
) -> None:
    assert listed(desk) == listed(desk, "--stage", LANE) == [(LANE, "delivery-limit", 1)]
    assert listed(desk, "--stage", "mover") == []
    assert run(desk, "replay", buried).exit_code == 0
    assert waiting_in(any_vhost_url, f"{LANE}.dead") == 0
    desk.start(desk.table("erp", receiver))
    wait_until(lambda: receiver.requests, 30, "the webhook")
    assert receiver.ids == [buried]


def test_where_the_endpoints_are_not_known_it_is_said_and_one_can_be_named(desk: Desk, buried: str) -> None:
    assert buried
    unset = run(desk, "list", DATABASE_URL="")
    assert (unset.exit_code, unset.stdout) == (0, "No dead letters.\n")
    assert "only --stage dispatcher.NAME shows those of an endpoint" in unset.stderr
    away = {"DATABASE_URL": "sqlite:////dev/null/ledger.db"}
    failed = run(desk, "list", **away)
    assert "the endpoints' dead letters are left out" in failed.stderr
    assert listed(desk, "--stage", LANE, **away) == [(LANE, "delivery-limit", 1)]


def test_what_is_no_event_is_a_letter_of_its_endpoint_and_can_be_discarded(
    desk: Desk, receiver: Receiver, any_vhost_url: str
) -> None:
    desk.start(desk.table("erp", receiver))
    message = Message(
        body=b"no json", type="invoice.filed", message_id="m-1", correlation_id="c-1", timestamp=1_790_000_000
    )
    desk.publisher.publish(
        Publication(exchange=EXCHANGE, routing_key="invoice.filed", message=message, mandatory=False), 10
    )
    wait_until(lambda: waiting_in(any_vhost_url, f"{LANE}.dead") == 1, 30, "the letter")
    assert [stage for stage, _, _ in listed(desk)] == [LANE]
    file = desk.folder / "dead.jsonl"
    assert run(desk, "discard", "m-1", "--to", str(file), "--yes").exit_code == 0
    assert json.loads(file.read_text())["stage"] == LANE
    assert listed(desk) == []
