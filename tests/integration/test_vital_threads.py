"""Each long-lived thread is killed by an error of its own work: it is heard, and comes back or ends the process."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ingress.http.fibers import Fibers
from ingress.http.refusals import Refusals
from ingress.http.server import WaitressServer
from ingress.spool import Spool
from ingress.spool_database import SpoolError
from ingress.spool_file import SpoolFile
from mover.pace import Pace
from mover.slots import Slots
from shared.amqp.client.loop import LoopThread
from shared.amqp.pool import Pool
from shared.docspace.probe import PortalProbe
from shared.docspace.state import State
from shared.runtime.breaker import Breaker
from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics
from shared.runtime.pause import Guard
from shared.smtp import pool
from shared.smtp.health import MailHealth, watch
from shared.smtp.pool import ConnectionPool
from shared.store.ledger import pruning
from shared.store.ledger.leases import Leases
from shared.store.ledger.rows import Claim
from shared.threads import vital
from shared.threads.vital import Then
from shared.wire.message import Message
from tests.support.waiting import wait_until


class BugError(Exception):
    """An error that nobody expects."""


class Once:
    """Raises at its first call, and is `then` afterwards."""

    def __init__(self, then: Callable[..., object] = lambda *_: None) -> None:
        self.calls = 0
        self._then = then

    def __call__(self, *arguments: object, **named: object) -> Any:
        self.calls += 1
        if self.calls == 1:
            raise BugError("a bug")
        return self._then(*arguments, **named)


class Conversation:
    """With a mail server, of which the socket is closed."""

    sock = None

    def end_within(self, _seconds: float) -> None: ...

    def close(self) -> None: ...


class MailServer:
    def connect(self, _within_s: float) -> Conversation:
        return Conversation()


@pytest.fixture(autouse=True)
def died(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set where the process is to end; this process is not."""
    died = threading.Event()
    monkeypatch.setattr(vital, "died", died)
    monkeypatch.setattr(vital, "FIRST_PAUSE_S", 0.01)
    return died


def failures(thread: str) -> float:
    return Metrics().registry.get_sample_value("intake_thread_failures_total", {"thread": thread}) or 0.0


@contextlib.contextmanager
def one_failure(thread: str) -> Iterator[None]:
    """Of that thread: logged with its traceback, and counted."""
    before = failures(thread)
    with capture_logs() as logged:
        yield
        wait_until(lambda: failures(thread) == before + 1, 10, f"a failure of {thread}")
    told = [line for line in logged if line["event"] == "thread.failed" and line["thread"] == thread]
    assert [line["exc_info"] for line in told] == [True]


def test_work_that_fails_is_begun_again_after_pauses_that_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[float] = []

    def work() -> None:
        began.append(time.monotonic())
        if len(began) < 5:
            raise BugError("a bug")

    monkeypatch.setattr(vital, "FIRST_PAUSE_S", 0.05)
    with capture_logs() as logged:
        vital.start("work", work, then=Then.RESTART, longest_pause_s=0.2).join(10)
    assert [line["again_in_s"] for line in logged if line.get("thread") == "work"] == [0.05, 0.1, 0.2, 0.2]
    pauses = [later - sooner for sooner, later in itertools.pairwise(began)]
    assert all(pause >= least for pause, least in zip(pauses, [0.05, 0.1, 0.2, 0.2], strict=True))


def test_what_lasted_a_while_before_it_failed_is_begun_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    fails, over = iter([0, 0, 1, 0]), threading.Event()

    def work() -> None:
        lasts = next(fails, None)
        if lasts is None:
            over.set()
            return
        time.sleep(lasts * 0.3)
        raise BugError("a bug")

    monkeypatch.setattr(vital, "LASTED_S", 0.3)
    with capture_logs() as logged:
        vital.start("work", work, then=Then.RESTART)
        assert over.wait(10)
    assert [line["again_in_s"] for line in logged if line.get("thread") == "work"] == [0.01, 0.02, 0.01, 0.02]


def test_where_the_system_gives_no_thread_the_work_may_begin_later(monkeypatch: pytest.MonkeyPatch) -> None:
    worked = threading.Event()
    monkeypatch.setattr(threading.Thread, "start", refused_once())
    assert not vital.start_if_possible("work", worked.set, then=Then.RESTART)
    assert vital.start_if_possible("work", worked.set, then=Then.RESTART)
    assert worked.wait(10)


def refused_once() -> Callable[[threading.Thread], None]:
    start, refused = threading.Thread.start, list[threading.Thread]()

    def refuse(thread: threading.Thread) -> None:
        if not refused:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    return refuse


def test_housekeeping_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    pruned, stop = threading.Event(), threading.Event()

    def none_pruned(*_: object) -> int:
        pruned.set()
        return 0

    class Ledger:
        prune = Once(none_pruned)

    monkeypatch.setattr(pruning, "EVERY_S", 0.01)
    with one_failure("housekeeping"):
        pruning.prune_in_background(Ledger(), 400, lambda _: stop.wait(0.01))
    assert pruned.wait(10)
    stop.set()


def test_the_breaker_closes_though_its_probe_failed() -> None:
    breaker, resumed, paused = Breaker(), threading.Event(), []
    with one_failure("breaker"):
        Guard(breaker, Once()).start(lambda: paused.append(1), resumed.set)
        breaker.failed("down", certain=True)
    assert resumed.wait(10)
    assert breaker.reason is None
    assert paused == [1, 1]


def test_the_portals_probe_goes_on() -> None:
    class Portal:
        state = Once(lambda *_: State(None, ""))

    probe = PortalProbe(Portal(), [])  # type: ignore[arg-type]  # it only fails
    with one_failure("portal-probe"):
        probe.start()
    wait_until(lambda: Portal.state.calls == 2, 10, "the next round")
    probe.stop()


def test_the_watch_on_the_mail_server_goes_on() -> None:
    check, stop = Once(), threading.Event()
    with one_failure("mail"):
        vital.start("mail", lambda: watch(MailHealth(), check, stop.wait), then=Then.RESTART)
    wait_until(lambda: check.calls == 2, 10, "the next look")
    stop.set()


def test_idle_mail_connections_are_closed_though_one_could_not_be(monkeypatch: pytest.MonkeyPatch) -> None:
    goodbye = Once()
    monkeypatch.setattr(pool, "goodbye", goodbye)
    monkeypatch.setattr(pool, "IDLE_S", 0.01)

    kept = ConnectionPool(MailServer())  # type: ignore[arg-type]  # it only fails
    with one_failure("smtp-idle"), kept.one(1):
        pass
    with kept.one(1):
        pass
    wait_until(lambda: goodbye.calls >= 2, 10, "the next goodbye")


def test_a_mail_that_was_taken_stays_so_where_no_thread_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ConnectionPool(MailServer())  # type: ignore[arg-type]  # it only fails
    monkeypatch.setattr(threading.Thread, "start", refused_once())
    with kept.one(1):
        pass
    assert not kept._closing
    with kept.one(1):
        pass
    assert kept._closing


def test_leases_are_renewed_after_an_error_that_nobody_expects() -> None:
    renew = Once()
    with one_failure("ledger leases"), Leases(renew).held("key", "token", lease_s=0.1):
        wait_until(lambda: renew.calls >= 3, 10, "the renewals")


def test_a_claim_is_renewed_by_the_next_thread_where_none_was_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed: list[Claim] = []

    def renew(claims: Sequence[Claim], _lease_s: float) -> None:
        renewed.extend(claims)

    leases = Leases(renew)
    monkeypatch.setattr(threading.Thread, "start", refused_once())
    with leases.held("first", "token", lease_s=0.1), leases.held("second", "token", lease_s=0.1):
        wait_until(lambda: {claim.key for claim in renewed} == {"first", "second"}, 10, "the renewals")


def test_the_ends_of_operations_are_read_though_one_could_not_be() -> None:
    over = [threading.Event(), threading.Event()]

    class Portal:
        operation = Once(lambda *_: None)

    slots = Slots(Portal(), Pace())
    with capture_logs() as logged:
        for number, event in enumerate(over):
            record = slots.begin(event.set)
            record.sent(str(number), 1)
            slots.read_later(record)
        assert all(event.wait(10) for event in over)
    assert [line["event"] for line in logged] == ["operation.unread"]


def test_the_reader_of_operations_is_started_again_by_who_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    class Portal:
        def operation(self, _id: str) -> None:
            return None

    slots = Slots(Portal(), Pace())
    monkeypatch.setattr(threading.Thread, "start", refused_once())
    over = [threading.Event(), threading.Event()]
    for number, event in enumerate(over):
        record = slots.begin(event.set)
        record.sent(str(number), 1)
        slots.read_later(record)
    assert all(event.wait(10) for event in over)


def test_a_handlers_thread_hands_back_the_job_that_it_failed_at_and_does_the_next() -> None:
    class Loop:
        def call(self, function: Callable[[], None]) -> None:
            function()

    collected: list[str] = []
    pool = Pool(1, Loop(), work=Once(), collect=collected.append)  # type: ignore[arg-type]
    with one_failure("handler"):
        pool.put("bad")
    pool.put("good")
    wait_until(lambda: collected == ["bad", "good"], 10, "both")
    assert pool.longest() is None


def test_a_loop_of_the_brokers_that_fails_ends_the_process(died: threading.Event) -> None:
    with one_failure("amqp"):
        LoopThread("amqp", Once()).start()
    assert died.wait(10)


def test_a_health_server_that_ends_ends_the_process(died: threading.Event) -> None:
    metrics = Metrics()
    server = HealthServer("127.0.0.1", 0, Readiness({}, metrics), metrics)
    with one_failure("health"):
        server.start()
        waitress = server._server
        waitress.trigger.pull_trigger(
            lambda: waitress.asyncore.close_all(waitress._map)
        )  # its own thread closes all
    assert died.wait(10)


def test_an_http_server_that_fails_ends_the_process(died: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    fibers = Fibers()
    server = WaitressServer(lambda _environ, _start: [], "127.0.0.1", 0, fibers, Refusals(Metrics()))
    monkeypatch.setattr(fibers, "run", Once())
    with one_failure("http"):
        vital.start("http", server.run, then=Then.END)
    assert died.wait(10)
    server.stop()
    fibers._trigger.close()


def test_a_spool_whose_writer_fails_says_so_and_stores_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = SpoolFile.insert
    broken = Once()

    def fails_once(file: SpoolFile, messages: Sequence[Message]) -> None:
        if not broken.calls:
            broken()
        insert(file, messages)

    monkeypatch.setattr(SpoolFile, "insert", fails_once)
    spool = Spool(tmp_path / "spool.db", 10**9)
    message = Message(body=b"{}", type="t", message_id="m", correlation_id="c", timestamp=1)
    with one_failure("spool"), pytest.raises(SpoolError, match="the spool failed"):
        spool.store(message)
    spool.store(message)
    assert len(spool) == 1
    spool.close()
