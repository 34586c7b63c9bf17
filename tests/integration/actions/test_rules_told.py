"""Published rules are told to whoever bound a queue: by the command, by the pages, after a kill too."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.actions import rules
from console.actions.ask import Actions
from console.actions.run import run
from console.actions.site import Site
from console.rules.as_action import as_action
from shared.runtime.settle import EXCHANGE
from shared.store.actions.action import Action, State
from shared.store.audit.store import Person, Through
from shared.store.rulebook.store import OvertakenError, RulebookStore
from tests.support.waiting import wait_until

ANNA = Person("Anna", Through.WEB)
RULE = '[[rule]]\nname = "acme"\nrooms = [7]\ndestination = 8\nrecipients = ["m@example.com"]\n'
KILLED = """
import os, signal, sys
from console.actions.site import Site
from console.rules.as_action import as_action
from shared.store.audit.store import Person, Through
from shared.store.rulebook.store import RulebookStore

amqp_url, database_url, when, text = sys.argv[1:]

def publish():
    if when == "after":
        RulebookStore(database_url).publish(text, "Anna", "Acme joins", rules_hash="h", over=0)
    os.kill(os.getpid(), signal.SIGKILL)

as_action(
    Site((amqp_url,), database_url, (1, 2)), Person("Anna", Through.WEB), "publish rules", {}, publish,
    over=0, name="Anna", why="Acme joins",
)
"""


@pytest.fixture
def site(any_vhost_url: str, tmp_path: Path) -> Site:
    return Site((any_vhost_url,), f"sqlite:///{tmp_path}/ledger.db", (1, 2))


@pytest.fixture
def store(site: Site) -> Iterator[RulebookStore]:
    with contextlib.closing(RulebookStore(site.database_url)) as made:
        yield made


class Listener:
    """A program beside ours, with a queue of its own."""

    def __init__(self, url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self._channel = self._connection.channel()
        self._channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
        self._queue = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(self._queue, EXCHANGE, "rules.published")

    def heard(self) -> list[tuple[str, dict[str, Any]]]:
        """The message's id and its body, of each that came."""
        found = []
        while (got := self._channel.basic_get(self._queue, auto_ack=True))[0] is not None:
            found.append((str(got[1].message_id), json.loads(got[2])))
        return found

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def listener(any_vhost_url: str) -> Iterator[Listener]:
    with contextlib.closing(Listener(any_vhost_url)) as made:
        yield made


def ended(site: Site, action_id: str) -> Action:
    with Actions(site) as actions:
        found = actions.state(action_id)
    assert found is not None
    return found


def killed(site: Site, when: str) -> str:
    """The id of an action whose publisher was killed before the database had the rules, or after."""
    process = subprocess.run(
        [sys.executable, "-c", KILLED, site.amqp_urls[0], site.database_url, when, RULE], check=False, timeout=60
    )
    assert process.returncode == -signal.SIGKILL
    with Actions(site) as actions:
        (action,) = actions.latest()
    return action.id


def test_the_command_tells_what_it_publishes_and_what_it_goes_back_to(
    site: Site, listener: Listener, tmp_path: Path
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULE)
    env = {
        "AMQP_URL": site.amqp_urls[0], "DATABASE_URL": site.database_url, "CLIENT_ROOM_ID": "1",
        "INCOMING_FOLDER_ID": "2", "MANAGER_EMAIL": "m@example.com", "RETRY_DELAYS_S": "1,2",
    }  # fmt: skip
    for line in (
        ["publish", str(file), "-m", "Acme joins", "--yes"],
        ["publish", str(file), "-m", "again", "--yes"],
        ["back", "1", "-m", "once was enough", "--yes"],
    ):
        found = CliRunner().invoke(app, ["rules", *line], env=env)
        assert (found.exit_code, "could not be sent" in found.stderr) == (0, False), found.output
    bodies = [body for _, body in listener.heard()]
    assert [(body["version"], body["why"]) for body in bodies] == [
        (1, "Acme joins"), (2, "again"), (1, "once was enough"),
    ]  # fmt: skip
    assert all(body["asked_by"].endswith("(command line)") and body["rules"] for body in bodies)


def test_what_was_overtaken_is_told_to_nobody(site: Site, listener: Listener, store: RulebookStore) -> None:
    store.publish(RULE, "Ben", "first", rules_hash="h")
    with pytest.raises(OvertakenError):
        as_action(
            site, ANNA, "publish rules", {},
            lambda: store.publish(RULE, "Anna", "late", rules_hash="h", over=0), over=0, name="Anna", why="late",
        )  # fmt: skip
    with Actions(site) as actions:
        (action,) = actions.latest()
    assert (action.state, action.done, action.failed) == (State.DONE, 0, 1)
    assert not run(site, action.id)
    assert listener.heard() == []


def test_rules_whose_publisher_was_killed_are_told_once_by_who_goes_on(site: Site, listener: Listener) -> None:
    action_id = killed(site, "after")
    wait_until(lambda: run(site, action_id), 60, "the end of its lease")
    assert not run(site, action_id)
    ((_, body),) = listener.heard()
    assert body == {
        "version": 1, "rules": "h", "asked_by": "Anna (web)", "why": "Acme joins",
    }  # fmt: skip
    assert ended(site, action_id).state is State.DONE


def test_rules_that_a_killed_publisher_never_published_are_told_to_nobody(
    site: Site, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PATIENCE_S", 0.0)
    action_id = killed(site, "before")
    wait_until(lambda: run(site, action_id), 60, "the end of its lease")
    found = ended(site, action_id)
    assert (found.state, found.done, found.failed) == (State.DONE, 0, 1)
    assert listener.heard() == []


def test_another_publisher_s_rules_are_not_told_as_one_s_own(
    site: Site, listener: Listener, store: RulebookStore
) -> None:
    """Both saw the same rules live; one of them was killed before it knew that the other was faster."""
    action_id = killed(site, "before")
    store.publish(RULE, "Ben", "Acme joins", rules_hash="h", over=0)
    deadline = time.monotonic() + 60
    wait_until(lambda: run(site, action_id), deadline - time.monotonic(), "the end of its lease")
    assert ended(site, action_id).failed == 1
    assert listener.heard() == []
