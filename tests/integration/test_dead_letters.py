"""`dead list|show|replay|discard` on a real RabbitMQ, of each kind this machine has."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pika
import pytest
from typer.testing import CliRunner

from console.__main__ import app
from shared.amqp.confirms import UnavailableError
from shared.amqp.dead_letters import DeadLetters, Verdict
from shared.burial import KILLED
from shared.ladder import Ladder
from shared.message import Message
from shared.outcome import Dead
from shared.settle import EXCHANGE, Settler
from tests.support.runtime import (
    DELAYS_S,
    crash_until_buried,
    event,
    plain_channel,
    running_publisher,
    take_one,
    waiting_in,
)
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
MANY = 300


@pytest.fixture
def url(vhost_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker with the product's queues, which the commands find too."""
    with running_publisher(vhost_url):
        pass
    monkeypatch.setenv("AMQP_URL", vhost_url)
    monkeypatch.delenv("AMQP_URL_FILE", raising=False)
    return vhost_url


def run(*arguments: str, answer: str | None = None):
    return CliRunner().invoke(app, ["dead", *arguments], input=answer)


def listed() -> list[dict]:
    return json.loads(run("list", "--json").stdout)


def tired(number: int) -> Message:
    """One that went up the whole ladder."""
    message = event(number, "invoice.detected").message
    return Message(
        body=b'{"title": "Invoice %d"}' % number,
        type=message.type,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        timestamp=1_700_000_000,
        app_id="classifier@test",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        attempt=9,
        first_failed_at=1_700_000_100.5,
        not_before=1_700_000_200.5,
    )


def bury(url: str, *messages: Message, reason: str, stage: str = "mover") -> None:
    """As the worker's consumer does."""
    settler = Settler(stage, Ladder(DELAYS_S, 60), app_id=stage)
    with running_publisher(url) as publisher:
        for message in messages:
            publisher.publish(settler.settle(message, Dead(reason), now=time.time()).publication, timeout_s=10)


def ids_in(url: str, queue: str) -> Counter[str]:
    """Of all its messages in their order, removed from it."""
    found: Counter[str] = Counter()
    with plain_channel(url) as channel:
        while (taken := channel.basic_get(queue, auto_ack=True))[0] is not None:
            found[taken[1].message_id] += 1
    return found


def test_list_groups_by_stage_and_reason_and_gives_an_example(url: str) -> None:
    bury(url, tired(1), reason="no right to move file 1")
    bury(url, tired(2), reason="no right to move file 2")
    bury(url, tired(3), reason="the folder is gone")
    bury(url, tired(4), reason="the folder is gone", stage="notifier")
    groups = listed()
    assert [(group["stage"], group["reason"], group["count"]) for group in groups] == [
        ("mover", "no right to move file #", 2),
        ("mover", "the folder is gone", 1),
        ("notifier", "the folder is gone", 1),
    ]
    assert groups[0]["example"] == {"message_id": tired(1).message_id, "title": "Invoice 1"}
    assert [group["stage"] for group in json.loads(run("list", "--stage", "notifier", "--json").stdout)] == [
        "notifier"
    ]
    assert "mover: 2 x no right to move file #\n  first " in run("list").stdout


def test_list_without_dead_letters_is_well(url: str) -> None:
    assert (run("list").exit_code, run("list").stdout) == (0, "No dead letters.\n")
    assert listed() == []


def test_list_before_any_worker_ran_is_well(vhost_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMQP_URL", vhost_url)
    assert (run("list").exit_code, run("list").stdout) == (0, "No dead letters.\n")


def test_listing_more_often_than_any_delivery_limit_leaves_all_dead_letters_as_they_were(url: str) -> None:
    messages = [tired(number) for number in range(5)]
    bury(url, *messages, reason="no right")
    with DeadLetters([url]) as letters:
        before = list(letters.read("mover"))
    with plain_channel(url) as channel:
        assert channel.basic_get("mover.dead")[2] == messages[0].body  # one look of somebody else's, handed back
    for _ in range(30):
        assert [group["count"] for group in listed()] == [5]
    with DeadLetters([url]) as letters:
        after = list(letters.read("mover"))
    assert sorted(after, key=lambda letter: letter.message_id) == sorted(
        before, key=lambda letter: letter.message_id
    )
    assert [take_one(url, "mover.dead")[1].get("x-delivery-count", 0) for _ in range(5)] == [0] * 5


def test_show_prints_properties_headers_and_the_body_and_keeps_the_letter(url: str) -> None:
    bury(url, tired(1), tired(2), reason="no right")
    shown = run("show", tired(2).message_id).stdout
    for part in (tired(2).correlation_id, "invoice.detected", "attempts", '  "title": "Invoice 2"', "no right"):
        assert part in shown
    assert tired(1).message_id not in shown
    told = json.loads(run("show", tired(2).message_id, "--json").stdout)
    assert told["properties"]["timestamp"] == 1_700_000_000
    assert (told["headers"]["stage"], told["headers"]["attempts"]) == ("mover", 9)
    assert json.loads(told["body"]) == {"title": "Invoice 2"}
    assert waiting_in(url, "mover.dead") == 2


def test_what_is_not_there_is_exit_code_1_and_one_sentence(url: str) -> None:
    for arguments in (("show", "nobody"), ("replay", "nobody"), ("discard", "nobody", "--to", "/dev/null")):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "intake: no such dead letter: nobody\n"
    assert run("replay", "--all").stderr == "intake: no dead letter matches\n"


def test_replay_goes_to_the_stages_queue_with_a_fresh_retry_budget_and_the_same_identity(url: str) -> None:
    bury(url, tired(1), reason="no right")
    assert run("replay", tired(1).message_id).exit_code == 0
    assert waiting_in(url, "mover.dead") == 0
    message, headers = take_one(url, "mover")
    assert (message.attempt, message.first_failed_at, message.not_before) == (1, None, None)
    headers.pop("x-delivery-count", None)
    assert headers.keys() == {"traceparent", "at_ms"}
    assert headers["traceparent"] == tired(1).traceparent
    was = tired(1)
    assert (message.body, message.message_id, message.correlation_id, message.type, message.timestamp) == (
        *(was.body, was.message_id, was.correlation_id, was.type, was.timestamp),
    )


def test_each_run_of_replay_with_override_has_an_id_of_its_own_that_all_its_letters_carry(url: str) -> None:
    bury(url, tired(1), tired(2), reason="no right")
    assert run("replay", "--all", "--override").exit_code == 0
    first, second = take_one(url, "mover")[0], take_one(url, "mover")[0]
    assert first.override == second.override != ""
    bury(url, first, reason="still no right")  # what it died of does not take the operator's word away
    assert run("replay", "--all").exit_code == 0
    again = take_one(url, "mover")[0]
    assert again.override == first.override
    bury(url, again, reason="still no right")
    assert run("replay", "--all", "--override").exit_code == 0
    assert take_one(url, "mover")[0].override not in {"", first.override}


def test_replay_takes_what_is_selected_and_leaves_the_rest_in_order(url: str) -> None:
    bury(url, tired(1), tired(2), reason="no right")
    bury(url, tired(3), tired(4), tired(5), reason="locked")
    bury(url, tired(6), reason="no right", stage="notifier")
    result = run("replay", "--stage", "mover", "--reason", "NO RIGHT")
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


def test_replay_without_the_work_queue_keeps_the_letter(url: str) -> None:
    bury(url, tired(1), reason="no right")
    with plain_channel(url) as channel:
        channel.queue_delete("mover")
    result = run("replay", "--all")
    assert (result.exit_code, result.stderr) == (
        1,
        "intake: there is no queue mover on the broker: start its worker first\n",
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
    message, headers = take_one(url, "classifier")
    assert (message.type, message.body) == ("webhook.file.uploaded", b'{"poison": 1}')
    headers.pop("x-delivery-count", None)
    assert abs(headers.pop("at_ms") / 1000 - time.time()) < 60
    assert headers == {"tenant": "acme"}


def test_discard_writes_each_letter_to_the_file_then_removes_it(url: str, tmp_path: Path) -> None:
    file = tmp_path / "dead.jsonl"
    file.write_text('{"older": 1}\n')
    bury(url, tired(1), tired(2), reason="no right")
    bury(url, tired(3), reason="locked")
    result = run("discard", "--reason", "no right", "--to", str(file), answer="y\n")
    assert result.exit_code == 0
    assert "Take 2 off the broker" in result.stderr
    older, *kept = map(json.loads, file.read_text().splitlines())
    assert older == {"older": 1}
    assert [(told["message_id"], told["title"]) for told in kept] == [
        (tired(1).message_id, "Invoice 1"),
        (tired(2).message_id, "Invoice 2"),
    ]
    assert kept[0]["properties"]["correlation_id"] == tired(1).correlation_id
    assert kept[0]["headers"]["attempt"] == 9
    assert list(ids_in(url, "mover.dead")) == [tired(3).message_id]


def test_discard_does_nothing_without_a_yes(url: str, tmp_path: Path) -> None:
    file = tmp_path / "dead.jsonl"
    bury(url, tired(1), reason="no right")
    for answer in ("n\n", ""):
        assert run("discard", "--all", "--to", str(file), answer=answer).exit_code == 1
    assert not file.exists()
    assert waiting_in(url, "mover.dead") == 1
    assert run("discard", "--all", "--to", str(file), "--yes").exit_code == 0
    assert waiting_in(url, "mover.dead") == 0


def test_discard_into_a_file_that_cannot_be_written_removes_nothing(url: str, tmp_path: Path) -> None:
    bury(url, tired(1), reason="no right")
    result = run("discard", "--all", "--yes", "--to", str(tmp_path / "no" / "such" / "folder"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert waiting_in(url, "mover.dead") == 1


def test_a_letter_that_dies_during_a_pass_stays_for_the_next(url: str) -> None:
    bury(url, tired(1), reason="no right")
    with DeadLetters([url]) as letters:
        for _ in letters.sweep("mover", lambda _: Verdict.REPLAY):
            bury(url, tired(2), reason="no right")
    assert list(ids_in(url, "mover.dead")) == [tired(2).message_id]


def test_two_commands_never_work_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.amqp.dead_letters._LOCK_PATIENCE_S", 0.2)
    with DeadLetters([url]), pytest.raises(UnavailableError, match="busy"):
        DeadLetters([url])
    with DeadLetters([url]):
        pass


@pytest.mark.parametrize("command", [("replay", "--all"), ("list",)])
def test_a_command_killed_midway_loses_nothing(url: str, command: tuple[str, ...]) -> None:
    messages = [tired(number) for number in range(MANY)]
    bury(url, *messages, reason="no right")
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "dead", *command],
        cwd=ROOT,
        env={**os.environ, "AMQP_URL": url},
        stdout=subprocess.DEVNULL,
    )
    with plain_channel(url) as channel:

        def midway() -> bool:
            """A hundred are done, or for a pass that keeps all: another than the oldest is first in the queue."""
            if command[0] == "replay":
                return channel.queue_declare("mover", passive=True).method.message_count >= MANY // 3
            return channel.queue_declare("mover.dead", passive=True).method.message_count != MANY

        try:
            wait_until(midway, timeout_s=30, what="the command to be midway", every_s=0.001)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert process.returncode == -signal.SIGKILL
    with DeadLetters([url]) as letters:  # has the lock: the broker knows that the killed one is gone
        left = Counter(letter.message_id for letter in letters.read("mover"))
    replayed = ids_in(url, "mover")
    assert set(left) | set(replayed) == {message.message_id for message in messages}
    assert sum(left.values()) + sum(replayed.values()) <= MANY + 1
    if command[0] == "replay":
        assert left
        assert replayed
