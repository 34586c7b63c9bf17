"""`intake hooks` beside a real dispatcher and a real history: what was missed is sent once, with the ids it had."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from console.__main__ import app
from console.hooks import secret
from tests.integration.dispatcher.desk import Desk
from tests.integration.dispatcher.test_dead_letters_told import has_stream, history
from tests.support.receiver import Receiver, Reply
from tests.support.waiting import wait_until


@pytest.fixture
def run(desk: Desk, receiver: Receiver, any_vhost_url: str) -> Iterator[object]:
    desk.start(desk.table("erp", receiver), WORKER_CONCURRENCY="1")
    keeper = history(desk)
    wait_until(lambda: has_stream(any_vhost_url), 30, "the history's stream", every_s=0.3)

    def command(*arguments: str) -> Result:
        environ = {**desk.environ, "RULES_FILE": str(desk.folder / "rules.toml")}
        return CliRunner().invoke(app, ["hooks", *arguments], env=environ)

    yield command
    keeper.stop(timeout_s=60)


def test_what_an_endpoint_missed_while_disabled_is_sent_by_one_command(desk: Desk, receiver: Receiver, run) -> None:
    sent = [desk.file(1)]
    wait_until(lambda: receiver.requests, 30, "the first")
    assert run("disable", "erp", "--why", "it moves").exit_code == 0
    wait_until(lambda: "disabled" in desk.worker.get("/readyz").text, 20, "the dispatcher to have seen it")
    sent += [desk.file(2), desk.file(3)]
    wait_until(lambda: desk.standing("erp").missed == 2, 20, "both to be missed")
    [listed] = json.loads(run("list", "--json").stdout)
    assert (listed["missed"], listed["disabled_why"]) == (2, "it moves")
    assert run("replay", "erp").exit_code == 2
    assert run("enable", "erp").exit_code == 0
    again = run("replay", "erp", "--since", "1971-01-01", "--json")
    assert json.loads(again.stdout) == {"endpoint": "erp", "sent": 2}, again.output
    wait_until(lambda: len(receiver.requests) == 3, 20, "what was missed")
    assert receiver.ids == sent
    assert desk.standing("erp").missed == 0
    assert json.loads(run("replay", "erp", "--since", "1971-01-01", "--json").stdout)["sent"] == 0


def test_the_last_attempts_and_a_test_are_shown_with_the_answer(desk: Desk, receiver: Receiver, run) -> None:
    receiver.answer = lambda _: Reply(400, body=b"no such\x1b[31m field")
    desk.file(1)
    wait_until(lambda: desk.attempts("erp"), 30, "an attempt")
    shown = run("show", "erp").stdout
    assert "400" in shown
    assert "no such [31m field" in shown
    assert "\x1b" not in shown
    tried = run("test", "erp")
    assert (tried.exit_code, "answered 400" in tried.stdout) == (1, True)
    receiver.answer = lambda _: Reply(204)
    assert run("test", "erp").exit_code == 0
    assert receiver.requests[-1].event["type"] == "test"
    assert run("show", "none").exit_code == 2


def test_a_secret_is_replaced_in_two_steps(desk: Desk, receiver: Receiver, run) -> None:
    file = desk.folder / "erp.secret"
    old = file.read_text()
    new = json.loads(run("rotate", "erp", "--json").stdout)["secret"]
    assert file.read_text().split() == [new, old]
    desk.file(1)
    wait_until(lambda: receiver.requests, 30, "the request")
    for each in (old, new):
        receiver.requests[0].verified(each)
    assert run("rotate", "erp", "--finish").exit_code == 0
    assert file.read_text().split() == [new]
    assert secret.keep_newest(file) == 0
