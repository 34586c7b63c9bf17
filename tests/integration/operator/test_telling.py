"""Operators are told by processes of their own, over real channels, of a portal that is down: each thing once."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from console.__main__ import app
from console.operator.times import PORTAL
from shared.runtime.crash_points import CrashPoint
from shared.store.problems.known import Known, Silence
from shared.store.problems.store import ProblemStore
from simulator.server import Simulator
from simulator.settings import Settings
from tests.integration.operator.conftest import Hook, Start, environ_of
from tests.support.crashing import last_words
from tests.support.waiting import wait_until

ANNA = "anna@example.com"
FAMILY, CAUSE = "portal:away", "portal:portal-not-itself"
QUIET_LOOKS_S = 3.0
"""Some looks, in which nothing may come."""


class Portal:
    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self.simulator = simulator
        self.database_url = f"sqlite:///{folder}/ledger.db"
        self.smtp_url = f"smtp://127.0.0.1:{simulator.smtp_port}"

    def environ(self, operator: str, **settings: str) -> dict[str, str]:
        return environ_of(
            self.database_url, self.simulator.url, OPERATOR=operator, SMTP_URL=self.smtp_url, **settings
        )

    def faults(self, **faults: object) -> None:
        requests.put(f"{self.simulator.url}/simulator/faults", json=faults, timeout=10).raise_for_status()

    def mails(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = requests.get(f"{self.simulator.url}/simulator/state", timeout=10).json()[
            "mails"
        ]
        return found

    def known(self) -> list[Known]:
        with closing(ProblemStore(self.database_url)) as store:
            return store.live()


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    simulator = Simulator(Settings(port=0, smtp_port=0))
    simulator.start()
    yield Portal(simulator, tmp_path)
    simulator.stop()


def never(predicate: Callable[[], object], seconds: float = QUIET_LOOKS_S) -> None:
    with contextlib.suppress(AssertionError):
        assert not wait_until(predicate, seconds, "what must not come"), "it came"
        return
    assert not predicate()


def kinds(hook: Hook) -> list[str]:
    return [subject.partition(":")[0] for subject in hook.subjects()]


def test_where_mail_is_down_another_channel_tells_it_and_mail_follows(portal: Portal, hook: Hook, operate: Start):
    portal.faults(smtp_down=True)
    worker = operate(portal.environ(f"{ANNA}, {hook.url}"), checks=["mail"])
    wait_until(lambda: hook.posts, 60, f"the other channel: {worker.log}")
    assert kinds(hook) == ["Problem"]
    assert "the mail server" in hook.posts[0]["message"]
    portal.faults(smtp_down=True, portal_down=True)
    second = operate(portal.environ(f"{ANNA}, {hook.url}"), checks=["mail", PORTAL])
    assert worker.stop() == 0
    wait_until(lambda: len(hook.posts) > 1, 60, f"the portal's: {second.log}")
    assert portal.mails() == []
    portal.faults(portal_down=True)
    wait_until(portal.mails, 60, f"the mail, later: {second.log}")
    wait_until(lambda: len(hook.posts) > 2, 60, "the end of the first")
    assert kinds(hook) == ["Problem", "Problem", "Over"]
    assert [str(mail["subject"]).partition(":")[0] for mail in portal.mails()] == ["Problem"]


def test_a_channel_that_hangs_holds_up_no_other(portal: Portal, hook: Hook, operate: Start):
    hook.hangs = threading.Event()
    portal.faults(portal_down=True)
    worker = operate(portal.environ(f"{hook.url}, {ANNA}"), checks=[PORTAL], send_s=2.0)
    wait_until(portal.mails, 60, f"the mail: {worker.log}")
    portal.faults()
    wait_until(lambda: len(portal.mails()) > 1, 60, "the end by mail")
    assert hook.posts == []


def test_a_channel_that_fails_is_tried_again_until_it_takes_it(portal: Portal, hook: Hook, operate: Start):
    hook.refuses = True
    portal.faults(portal_down=True)
    worker = operate(portal.environ(hook.url), checks=[PORTAL])
    wait_until(lambda: worker.written().count("operator.not_told") > 1, 60, f"two failures: {worker.log}")
    hook.refuses = False
    wait_until(lambda: hook.posts, 60, "the message")
    never(lambda: len(hook.posts) > 1)
    assert "127.0.0.1" not in "".join(line for line in worker.written().splitlines() if "not_told" in line)


@pytest.mark.parametrize(
    ("point", "mails"),
    [(CrashPoint.PROBLEM_CLAIMED, 1), (CrashPoint.PROBLEM_SENT, 2), (CrashPoint.PROBLEM_RECORDED, 1)],
)
def test_a_kill_loses_no_message_and_doubles_one_only_where_it_was_just_accepted(
    portal: Portal, operate: Start, point: CrashPoint, mails: int
):
    portal.faults(portal_down=True)
    dead = operate(portal.environ(ANNA), crash_at=point, checks=[PORTAL])
    assert dead.wait(60) == -9
    assert last_words(point) in dead.written()
    worker = operate(portal.environ(ANNA), checks=[PORTAL])
    wait_until(lambda: len(portal.mails()) >= mails, 60, f"the message: {worker.log}")
    never(lambda: len(portal.mails()) > mails)
    assert len({mail["message_id"] for mail in portal.mails()}) == 1


def test_two_reconcilers_tell_each_channel_once(portal: Portal, hook: Hook, operate: Start):
    channels = [f"{hook.url}{number}" for number in range(6)]
    portal.faults(portal_down=True)
    both = [operate(portal.environ(", ".join(channels)), checks=[PORTAL]) for _ in range(2)]
    for worker in both:
        wait_until(lambda worker=worker: "operator.started" in worker.written(), 60, "both")
    wait_until(lambda: len(hook.posts) >= len(channels), 60, "all")
    never(lambda: len(hook.posts) > len(channels))
    portal.faults()
    wait_until(lambda: len(hook.posts) >= 2 * len(channels), 60, "all ends")
    never(lambda: len(hook.posts) > 2 * len(channels))
    assert sorted(kinds(hook)) == ["Over"] * 6 + ["Problem"] * 6


def test_a_silenced_problem_is_told_once_the_silence_is_over(portal: Portal, hook: Hook, operate: Start):
    environ = portal.environ(hook.url)
    told = ["problems", "silence", CAUSE, "--until", "2h", "--reason", "the portal is being upgraded"]
    assert CliRunner().invoke(app, told, env=environ).exit_code == 0
    portal.faults(portal_down=True)
    operate(environ, checks=[PORTAL])
    wait_until(portal.known, 60, "the problem to be known")
    began = portal.known()[0].first_seen_at
    wait_until(lambda: portal.known()[0].last_seen_at > began + QUIET_LOOKS_S, 60, "some looks")
    assert hook.posts == []
    with closing(ProblemStore(portal.database_url)) as store:
        now = time.time()
        assert store.silences(now)[FAMILY].why == "the portal is being upgraded"
        store.silence(Silence(FAMILY, "anna", "it was quicker", now, now))
    wait_until(lambda: hook.posts, 60, "the message")
    audit = CliRunner().invoke(app, ["audit", "--json"], env=environ).stdout
    assert '"verb": "silence"' in audit
    assert CAUSE in audit


def test_nobody_acknowledges_it_and_the_next_are_told_until_it_has_ended(
    portal: Portal, hook: Hook, operate: Start
):
    portal.faults(portal_down=True)
    groups = f"{hook.url}1 ; {hook.url}2 ; {hook.url}3"
    operate(portal.environ(groups), checks=[PORTAL], escalate_s=4.0)
    wait_until(lambda: len(hook.posts) == 2, 60, "the second group")
    portal.faults()
    wait_until(lambda: len(hook.posts) == 4, 60, "the end for both")
    never(lambda: len(hook.posts) > 4, 5.0)
    assert kinds(hook) == ["Problem", "Nobody looks after it", "Over", "Over"]


def test_who_acknowledges_a_problem_keeps_the_next_from_being_told(portal: Portal, hook: Hook, operate: Start):
    portal.faults(portal_down=True)
    environ = portal.environ(f"{hook.url}1 ; {hook.url}2")
    operate(environ, checks=[PORTAL], escalate_s=8.0)
    wait_until(lambda: hook.posts, 60, "the first group")
    done = CliRunner().invoke(app, ["problems", "acknowledge", CAUSE], env=environ)
    assert done.exit_code == 0, done.output
    never(lambda: len(hook.posts) > 1, 10.0)
    again = CliRunner().invoke(app, ["problems", "acknowledge", CAUSE], env=environ)
    assert again.exit_code == 1
    portal.faults()
    wait_until(lambda: len(hook.posts) == 2, 60, "the end")
    assert kinds(hook) == ["Problem", "Over"]
