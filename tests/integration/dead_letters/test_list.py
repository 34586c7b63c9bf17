"""`dead list` and `dead show`: they look, and change nothing."""

import json

import pytest

from shared.amqp.operator.dead_letters import DeadLetters
from tests.integration.dead_letters.desk import bury, listed, run, tired
from tests.support.runtime import must_take, plain_channel, waiting_in


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
    assert "mover: 2 x no-right: no right to move file #\n  first " in run("list").stdout


def test_list_without_dead_letters_is_well(url: str) -> None:
    assert (run("list").exit_code, run("list").stdout) == (0, "No dead letters.\n")
    assert listed() == []


def test_list_before_any_worker_ran_is_well(vhost_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMQP_URL", vhost_url)
    assert (run("list").exit_code, run("list").stdout) == (0, "No dead letters.\n")


def test_listing_beyond_the_delivery_limit_leaves_all_dead_letters_as_they_were(url: str) -> None:
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
    assert [must_take(url, "mover.dead")[1].get("x-delivery-count", 0) for _ in range(5)] == [0] * 5


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
