"""`dead replay`: each letter goes back to its stage, as what it was."""

import time
from collections.abc import Callable

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared.runtime.settle import DEAD, EXCHANGE
from shared.text.codes import Code
from shared.wire.broker_deaths import KILLED
from tests.integration.dead_letters.desk import bury, ids_in, listed, run, tired
from tests.support.runtime import crash_until_buried, must_take, plain_channel, waiting_in


def test_replay_returns_a_letter_to_its_queue_with_new_retries_and_the_same_id(url: str) -> None:
    bury(url, tired(1), reason="no right")
    assert run("replay", tired(1).message_id).exit_code == 0
    assert waiting_in(url, "mover.dead") == 0
    message, headers = must_take(url, "mover")
    assert (message.attempt, message.first_failed_at, message.not_before) == (1, None, None)
    headers.pop("x-delivery-count", None)
    assert headers.keys() == {"traceparent", "at_ms", "received_at_ms"}
    assert headers["traceparent"] == tired(1).traceparent
    was = tired(1)
    assert (message.body, message.message_id, message.correlation_id, message.type, message.timestamp) == (
        *(was.body, was.message_id, was.correlation_id, was.type, was.timestamp),
    )
    assert message.received_at == was.received_at


def test_each_run_of_replay_with_override_marks_its_letters_with_its_own_id(url: str) -> None:
    bury(url, tired(1), tired(2), reason="no right")
    assert run("replay", "--all", "--override").exit_code == 0
    first, second = must_take(url, "mover")[0], must_take(url, "mover")[0]
    assert first.override == second.override != ""
    bury(url, first, reason="still no right")  # what it died of does not take the operator's word away
    assert run("replay", "--all").exit_code == 0
    again = must_take(url, "mover")[0]
    assert again.override == first.override
    bury(url, again, reason="still no right")
    assert run("replay", "--all", "--override").exit_code == 0
    assert must_take(url, "mover")[0].override not in {"", first.override}


def test_replay_takes_what_is_selected_and_leaves_the_rest_in_order(url: str) -> None:
    bury(url, tired(1), tired(2), reason="no right")
    bury(url, tired(3), tired(4), tired(5), reason="the file is locked", code=Code.LOCKED)
    bury(url, tired(6), reason="no right", stage="notifier")
    result = run("replay", "--stage", "mover", "--reason", "no-right")
    assert result.stderr == "Replayed: 2\n"
    assert list(ids_in(url, "mover")) == [tired(1).message_id, tired(2).message_id]
    assert list(ids_in(url, "mover.dead")) == [tired(number).message_id for number in (3, 4, 5)]
    assert (waiting_in(url, "notifier.dead"), waiting_in(url, "notifier")) == (1, 0)


def test_replay_of_all_reaches_every_stage(url: str) -> None:
    for stage in ("classifier", "mover", "notifier"):
        bury(url, tired(1), reason="x", stage=stage)
    assert run("replay", "--all").exit_code == 0
    assert [waiting_in(url, stage) for stage in ("classifier", "mover", "notifier")] == [1, 1, 1]


def test_a_dry_run_changes_nothing(url: str) -> None:
    bury(url, tired(1), tired(2), reason="no right")
    result = run("replay", "--all", "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "Would be replayed: 2\n")
    assert tired(1).message_id in result.stdout
    assert (waiting_in(url, "mover"), waiting_in(url, "mover.dead")) == (0, 2)


def without_queue(channel: BlockingChannel) -> None:
    channel.queue_delete("mover")


def of_an_earlier_release(channel: BlockingChannel) -> None:
    """It replayed through the default exchange, and made no such binding."""
    channel.queue_unbind("mover", DEAD, "mover.again")


@pytest.mark.parametrize("lacking", [without_queue, of_an_earlier_release])
def test_a_replay_that_no_queue_takes_keeps_the_letter(
    url: str, lacking: Callable[[BlockingChannel], None]
) -> None:
    bury(url, tired(1), reason="no right")
    with plain_channel(url) as channel:
        lacking(channel)
    result = run("replay", "--all")
    assert (result.exit_code, result.stderr) == (
        1,
        "intake: no queue takes mover.again: the topology is missing or older: run `intake topology`\n",
    )
    assert list(ids_in(url, "mover.dead")) == [tired(1).message_id]


def kill_the_worker_until_the_limit(url: str) -> None:
    """A stranger's message, without id or type, that no worker survives."""
    with plain_channel(url) as channel:
        channel.confirm_delivery()
        properties = pika.BasicProperties(expiration="600000", headers={"tenant": "acme"})
        channel.basic_publish(EXCHANGE, "webhook.file.uploaded", b'{"poison": 1}', properties)
    crash_until_buried(url, "classifier")


def test_what_killed_its_worker_is_told_so_and_replayed_as_it_first_came(url: str) -> None:
    kill_the_worker_until_the_limit(url)
    for _ in range(2):  # the second time from the copy that the first look left
        (group,) = listed()
        assert (group["reason"], group["count"]) == (KILLED, 1)
        assert group["first"] is not None
    assert run("replay", group["example"]["message_id"]).exit_code == 0
    message, headers = must_take(url, "classifier")
    assert (message.type, message.body) == ("webhook.file.uploaded", b'{"poison": 1}')
    headers.pop("x-delivery-count", None)
    assert abs(headers.pop("at_ms") / 1000 - time.time()) < 60
    assert headers == {"tenant": "acme"}
