"""The ingress on a disk that takes nothing: what it says, what it still does, and that it mends by itself.

The disk is full by a limit on the size of the process's files, which another process sets and lifts.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from prometheus_client.parser import text_string_to_metric_families

from demo.ports import free_port
from tests.integration.test_runtime_faults import through
from tests.support.ingress import SERVERS, event, post, running_ingress
from tests.support.pipeline import Worker, limit_files
from tests.support.proxy import Proxy
from tests.support.runtime import take_one, waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import SECRET

NO_BROKER = "amqp://guest:guest@127.0.0.1:1/"
FULL_FROM_THE_START = (
    sys.executable,
    "-c",
    (
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n"
        "sys.argv = ['ingress']\n"
        "runpy.run_module('ingress', run_name='__main__')\n"
    ),
)


def fill_disk(ingress: Worker) -> None:
    limit_files(ingress, 0)


def free_disk(ingress: Worker) -> None:
    limit_files(ingress, resource.RLIM_INFINITY)


def metric(ingress: Worker, name: str) -> float:
    families = text_string_to_metric_families(ingress.get("/metrics").text)
    (value,) = (sample.value for family in families for sample in family.samples if sample.name == name)
    return value


def readiness(ingress: Worker) -> tuple[int, dict[str, Any]]:
    answer = ingress.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture(params=["waitress", "uvicorn"])
def server(request: pytest.FixtureRequest) -> str:
    assert request.param in SERVERS
    return str(request.param)


@pytest.fixture
def proxy(any_vhost_url: str) -> Iterator[Proxy]:
    """Down: the broker is away until it is up."""
    proxy = Proxy(free_port(), pika.URLParameters(any_vhost_url).port)
    yield proxy
    proxy.down()


def test_a_full_disk_without_a_broker_is_not_ready_and_is_again_when_there_is_room(
    server: str, tmp_path: Path
) -> None:
    with running_ingress(server, NO_BROKER, tmp_path) as ingress:
        assert post(ingress, event(1)).status_code == 200
        fill_disk(ingress)
        answer = post(ingress, event(2))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        code, said = readiness(ingress)
        assert code == 503
        assert "the spool cannot be written" in said["faults"]["events"]
        assert metric(ingress, "intake_spool_works") == 0
        assert metric(ingress, "intake_spool_events") == 1
        wait_until(lambda: metric(ingress, "intake_log_lines_dropped_total") > 0, 20, "a log line to find no room")
        free_disk(ingress)
        wait_until(lambda: readiness(ingress)[0] == 200, 20, "the ingress to be ready, with no event in between")
        assert metric(ingress, "intake_spool_works") == 1
        assert post(ingress, event(2)).status_code == 200
        assert metric(ingress, "intake_spool_events") == 2
        wait_until(lambda: "log.lines_dropped" in ingress.written(), 10, "the log to go on")
        assert "spool.works" in ingress.written()


def test_a_disk_that_fills_while_the_spool_drains_ends_nothing_and_doubles_nothing(
    server: str, proxy: Proxy, any_vhost_url: str, tmp_path: Path
) -> None:
    events = 5
    with running_ingress(server, through(any_vhost_url, proxy.port), tmp_path) as ingress:
        for number in range(events):
            assert post(ingress, event(number)).status_code == 200
        fill_disk(ingress)
        proxy.up()
        wait_until(lambda: queued(any_vhost_url) == events, 30, "the broker to have them")
        assert metric(ingress, "intake_spool_events") == events
        time.sleep(3)  # for it to try again, several times
        assert waiting_in(any_vhost_url, "classifier") == events
        assert post(ingress, event(100)).status_code == 200  # with the broker alone
        free_disk(ingress)
        wait_until(lambda: metric(ingress, "intake_spool_events") == 0, 30, "the spool to be empty")
        assert waiting_in(any_vhost_url, "classifier") == events + 1
        ids = [found[0].message_id for _ in range(events + 1) if (found := take_one(any_vhost_url, "classifier"))]
        assert len(set(ids)) == events + 1
        assert metric(ingress, "intake_spool_oldest_seconds") == 0


def queued(url: str) -> int:
    try:
        return waiting_in(url, "classifier")
    except Exception:  # noqa: BLE001 - the queue is not there yet
        return 0


def test_a_spool_that_cannot_be_opened_now_is_opened_later_and_the_broker_serves(
    server: str, any_vhost_url: str, tmp_path: Path
) -> None:
    with running_ingress(server, any_vhost_url, tmp_path, command=FULL_FROM_THE_START) as ingress:
        wait_until(lambda: readiness(ingress)[0] == 200, 30, "the broker to serve")
        assert "the spool cannot be opened" in readiness(ingress)[1]["notes"]["spool"]
        assert metric(ingress, "intake_spool_works") == 0
        assert post(ingress, event(1)).status_code == 200
        assert waiting_in(any_vhost_url, "classifier") == 1
        free_disk(ingress)
        wait_until(lambda: "notes" not in readiness(ingress)[1], 20, "the spool to be opened")
        assert metric(ingress, "intake_spool_works") == 1
        assert ingress.stop() == 0


def test_a_spool_that_cannot_be_opened_without_a_broker_is_red(server: str, tmp_path: Path) -> None:
    with running_ingress(server, NO_BROKER, tmp_path, command=FULL_FROM_THE_START) as ingress:
        code, said = readiness(ingress)
        assert code == 503
        assert "the spool cannot be opened" in said["faults"]["events"]
        assert post(ingress, event(1)).status_code == 503
        free_disk(ingress)
        wait_until(lambda: readiness(ingress)[0] == 200, 20, "the spool to be opened")
        assert post(ingress, event(1)).status_code == 200


@pytest.mark.parametrize("wrong", ["a directory", "under a file"])
def test_a_spool_path_that_can_never_be_a_file_is_exit_code_2(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path if wrong == "a directory" else tmp_path / "file" / "spool.db"
    environ = {"PATH": os.environ["PATH"], "DOCSPACE_WEBHOOK_SECRET": SECRET, "SPOOL_PATH": str(path)}
    ingress = Worker("ingress", environ | {"INGRESS_PORT": str(free_port())}, tmp_path / "ingress.log", 0)
    ingress.start()
    assert ingress.wait(30) == 2
    assert "SPOOL_PATH: " in ingress.log.read_text()
