"""The shared runtime on a RabbitMQ of three nodes, of which one dies; and on one without any plugin."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from demo.broker import Cluster, Node
from shared.amqp.confirms import PublishError
from shared.amqp.publisher import Publisher
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome
from tests.support.pipeline import running_pipeline
from tests.support.runtime import event, running_consumer, running_publisher, waiting_in
from tests.support.waiting import wait_until

INVOICE = InvoiceDetected(file_id=1, title="Invoice", rule="default", destination=2, recipients=("a@example.com",))
STALL_LIMIT_S = 5.0
RATE = 50


@pytest.fixture(scope="module")
def three() -> Iterator[Cluster]:
    with Cluster(3) as cluster:
        yield cluster


def managed(node: Node, method: str, path: str, body: object = None) -> requests.Response:
    """The management API's answer. What gets none, or an error, is asked again: a young cluster's API may hang."""

    def answer() -> requests.Response | None:
        with contextlib.suppress(requests.Timeout):
            url = f"{node.management_url}/api/{path}"
            return requests.request(method, url, json=body, auth=("guest", "guest"), timeout=15)
        return None

    return wait_until(answer, timeout_s=60, what=f"the management API of {node.name} to answer")


def queue(node: Node, vhost: str, name: str) -> dict[str, object]:
    found: dict[str, object] = managed(node, "GET", f"queues/{vhost}/{name}").json()
    return found


def new_vhost(node: Node, name: str) -> None:
    managed(node, "PUT", f"vhosts/{name}", {})
    managed(node, "PUT", f"permissions/{name}/guest", {"configure": ".*", "write": ".*", "read": ".*"})


class Steps:
    """When something happened, and the longest time in which it did not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seen = Counter[bytes]()
        self.at: list[float] = []

    def note(self, body: bytes) -> None:
        with self._lock:
            self.seen[body] += 1
            self.at.append(time.monotonic())

    def longest_s(self) -> float:
        return max(later - earlier for earlier, later in zip(self.at, self.at[1:], strict=False))


class Load:
    """Publishes RATE events a second, and each one again until it is confirmed."""

    def __init__(self, publisher: Publisher) -> None:
        self.confirmed = Steps()
        self._publisher = publisher
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(1 / RATE):
            publication = event(number)
            while True:
                try:
                    self._publisher.publish(publication, timeout_s=2)
                except PublishError:
                    time.sleep(0.02)
                else:
                    break
            self.confirmed.note(publication.message.body)
            number += 1


@pytest.mark.timeout(240)
@pytest.mark.parametrize("connected", ["to the leader", "to another node"])
def test_killing_the_leader_under_load_loses_nothing_and_stalls_for_less_than_5_s(
    three: Cluster, connected: str
) -> None:
    for node in three.nodes:
        node.start()
    vhost = f"stall-{connected[3:6].strip()}"
    new_vhost(three.nodes[0], vhost)
    handled = Steps()

    def handle(message: Message) -> Outcome:
        handled.note(message.body)
        return Forward(INVOICE)

    leader, *others = three.nodes
    with running_publisher(leader.amqp_url + vhost):
        pass  # declares the topology where it is connected, and leads it there
    first, second, third = (leader, *others) if connected == "to the leader" else (others[0], leader, others[1])
    urls = ",".join(node.amqp_url + vhost for node in (first, second, third))
    for name in ("classifier", "mover"):
        found = queue(leader, vhost, name)
        assert len(found["members"]) == 3  # type: ignore[arg-type]
        assert found["leader"] == leader.name
    with running_consumer(urls, "classifier", handle) as consumer, running_publisher(urls) as publisher:
        load = Load(publisher)
        wait_until(lambda: len(handled.seen) > RATE * 3, timeout_s=30, what="three seconds of load")
        leader.kill()
        killed_at = time.monotonic()
        wait_until(lambda: handled.at[-1] > killed_at + 8, timeout_s=60, what="the load to go on for a while")
        load.end()
        wait_until(
            lambda: handled.seen.keys() >= load.confirmed.seen.keys(), timeout_s=30, what="all that was confirmed"
        )
        wait_until(lambda: consumer.check() is None, timeout_s=20, what="the consumer to be ready")
        wait_until(lambda: waiting_in(urls, "mover") >= len(load.confirmed.seen), 20, "the forwards")
    stalls = {"handled": handled.longest_s(), "confirmed": load.confirmed.longest_s()}
    print(connected, stalls, "twice", handled.seen.total() - len(handled.seen))  # noqa: T201 - shown by `pytest -s`
    assert max(stalls.values()) < STALL_LIMIT_S


@pytest.mark.timeout(240)
def test_without_any_plugin_every_worker_is_ready_and_comes_back(tmp_path: Path) -> None:
    with Cluster(1, plugins=()) as cluster:
        node = cluster.nodes[0]
        with running_pipeline(node.amqp_url, tmp_path) as pipeline:
            pipeline.wait_ready()
            pipeline.upload("Invoice before.pdf")
            wait_until(lambda: pipeline.mails_about("Invoice before.pdf"), timeout_s=30, what="the first mail")
            node.restart()
            pipeline.wait_ready()
            pipeline.upload("Invoice after.pdf")
            wait_until(lambda: pipeline.mails_about("Invoice after.pdf"), timeout_s=60, what="the second mail")
