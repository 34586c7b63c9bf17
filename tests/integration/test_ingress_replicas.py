"""Three ingresses on one SPOOL_PATH without a broker, and two of them killed: nothing is lost or doubled."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pika
import pytest
from structlog.testing import capture_logs

from demo.ports import free_port
from ingress import outlet as outlet_module
from ingress.outlet import Outlet
from ingress.spool import Spool
from ingress.spool_files import LeftBehind
from tests.contract.test_spool_files import holder, killed, names
from tests.integration.test_runtime_faults import through
from tests.integration.test_store_faults import ids_in, spooled
from tests.support.ingress import event, post, running_ingress
from tests.support.pipeline import Worker
from tests.support.proxy import Proxy
from tests.support.runtime import running_publisher, waiting_in
from tests.support.waiting import wait_until

EVENTS = 60


@pytest.fixture
def away(any_vhost_url: str) -> Iterator[Proxy]:
    """The broker, away until it is up; the topology is there."""
    with running_publisher(any_vhost_url):
        pass
    proxy = Proxy(free_port(), pika.URLParameters(any_vhost_url).port)
    yield proxy
    proxy.down()


def test_the_spools_of_killed_ingresses_reach_the_broker_once(
    any_vhost_url: str, away: Proxy, tmp_path: Path
) -> None:
    path = tmp_path / "spools" / "spool.db"
    with ExitStack() as running:

        def started(name: str, server: str) -> Worker:
            (tmp_path / name).mkdir()
            url = through(any_vhost_url, away.port)
            return running.enter_context(running_ingress(server, url, tmp_path / name, SPOOL_PATH=str(path)))

        three = [started("a", "waitress"), started("b", "uvicorn"), started("c", "waitress")]
        for number in range(EVENTS):
            assert post(three[number % 3], event(number)).status_code == 200
        assert names(path) == ["spool-2.db", "spool-3.db", "spool.db"]
        for worker in three[:2]:
            assert worker.process is not None
            worker.process.kill()
            worker.process.wait(10)
        left = [three[2], started("d", "waitress")]
        wait_until(lambda: sum(map(spooled, left)) == EVENTS, 20, "the events of the killed to be counted")
        away.up()
        wait_until(lambda: not sum(map(spooled, left)), 30, "the spools to be empty")
        wait_until(lambda: len(names(path)) == 2, 20, "the files of the killed to be deleted")
    found = ids_in(any_vhost_url, "classifier")
    assert (len(found), len(set(found))) == (EVENTS, EVENTS)


def test_an_ingress_that_never_comes_back_is_drained_by_one_that_runs(
    any_vhost_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet_module, "TAKE_EVERY_S", 0.1)
    monkeypatch.setattr(outlet_module, "IDLE_S", 0.1)
    path = tmp_path / "spool.db"
    gone = holder(path, 0, EVENTS)
    spool, left_behind = Spool(path, 10**9), LeftBehind(path)
    with running_publisher(any_vhost_url) as publisher, capture_logs() as logged:
        outlet = Outlet(publisher, spool, left_behind, confirm_timeout_s=5)
        outlet.start()
        try:
            killed(gone)
            wait_until(lambda: waiting_in(any_vhost_url, "classifier") == EVENTS, 20, "its events")
            wait_until(lambda: names(path) == ["spool-2.db"], 20, "its file to be deleted")
        finally:
            outlet.stop(timeout_s=5)
            spool.close()
    assert {"event": "spool.taken_over", "path": str(path), "events": EVENTS, "set_aside": 0}.items() <= next(
        line for line in logged if line["event"] == "spool.taken_over"
    ).items()
