"""A RabbitMQ that tests may crash, freeze and restart: in a container, or a private node from the system's package.

Both keep their ports and their data through every `kill`, `stop`, `restart`, so a client's URL stays valid.
"""

import contextlib
import secrets
import time
from collections.abc import Iterator
from typing import Protocol

import requests
from testcontainers.core.container import DockerContainer

from demo.broker import Cluster, Node, accepts, sends_amqp_header
from demo.ports import free_ports
from tests.support.containers import pause
from tests.support.waiting import wait_until

IMAGE = "rabbitmq:4-management"
START_TIMEOUT_S = 90.0
# RabbitMQ writes a new quorum queue's registration to disk with a delay. Measured on 3.10.8 and 4.0.5: a queue
# declared 1 s before a SIGKILL is never led again (publishes are refused, consumers end in 541), one of 2 s is.
QUEUE_REGISTERED_S = 2.0


class Broker(Protocol):
    kind: str

    @property
    def amqp_url(self) -> str:
        """For the default virtual host `/`, as guest."""

    @property
    def management_url(self) -> str:
        """Without a closing slash; the API is at `/api/...`, as guest."""

    @property
    def running(self) -> bool: ...

    def start(self) -> None:
        """Boot where it does not run, and wait until AMQP and management answer."""

    def stop(self) -> None:
        """An orderly end."""

    def kill(self) -> None:
        """A crash, after a pause in which queues declared just before reach the disk: see QUEUE_REGISTERED_S."""

    def restart(self) -> None: ...

    def pause(self) -> None:
        """Connections stay open and nothing answers."""

    def unpause(self) -> None: ...

    def ctl(self, *arguments: str) -> None:
        """Run `rabbitmqctl` on it."""


class PrivateBroker:
    kind = "private"

    def __init__(self, node: Node) -> None:
        self._node = node
        self.amqp_url = node.amqp_url
        self.management_url = node.management_url

    @property
    def running(self) -> bool:
        return self._node.running

    def start(self) -> None:
        self._node.start()

    def stop(self) -> None:
        self._node.stop()

    def kill(self) -> None:
        time.sleep(QUEUE_REGISTERED_S)
        self._node.kill()

    def restart(self) -> None:
        self._node.restart()

    def pause(self) -> None:
        self._node.pause()

    def unpause(self) -> None:
        self._node.unpause()

    def ctl(self, *arguments: str) -> None:
        self._node.ctl(*arguments)


class ContainerBroker:
    kind = "container"

    def __init__(self, container: DockerContainer, amqp_port: int, management_port: int) -> None:
        self._container = container.get_wrapped_container()
        self._amqp_port = amqp_port
        self._management_port = management_port
        self.amqp_url = f"amqp://guest:guest@127.0.0.1:{amqp_port}/"
        self.management_url = f"http://127.0.0.1:{management_port}"

    @property
    def address(self) -> str:
        """Where its ports that are not published can be reached from this machine."""
        self._container.reload()
        networks = self._container.attrs["NetworkSettings"]["Networks"]
        return next(str(network["IPAddress"]) for network in networks.values())

    @property
    def running(self) -> bool:
        self._container.reload()
        return bool(self._container.status == "running")

    def start(self) -> None:
        self._container.start()
        self.wait_ready()

    def stop(self) -> None:
        self._container.stop(timeout=20)

    def kill(self) -> None:
        time.sleep(QUEUE_REGISTERED_S)
        self._container.kill()
        self._container.wait()

    def restart(self) -> None:
        if self.running:
            self.stop()
        self.start()

    def pause(self) -> None:
        pause(self._container)

    def unpause(self) -> None:
        self._container.reload()
        if self._container.status == "paused":
            self._container.unpause()

    def ctl(self, *arguments: str) -> None:
        code, output = self._container.exec_run(["rabbitmqctl", "--quiet", *arguments])
        assert code == 0, output

    def wait_ready(self) -> None:
        # A published port accepts before the program inside listens, so ask for an answer and not for a connection.
        wait_until(lambda: sends_amqp_header(self._amqp_port), START_TIMEOUT_S, f"AMQP of {IMAGE}", every_s=0.2)
        wait_until(
            lambda: accepts(self._management_port) and self._management_answers(),
            START_TIMEOUT_S,
            f"the management API of {IMAGE}",
            every_s=0.2,
        )

    def _management_answers(self) -> bool:
        try:
            return requests.get(f"{self.management_url}/api/whoami", auth=("guest", "guest"), timeout=5).ok
        except requests.RequestException:
            return False


@contextlib.contextmanager
def private_broker() -> Iterator[PrivateBroker]:
    with Cluster() as cluster:
        yield PrivateBroker(cluster.nodes[0])


@contextlib.contextmanager
def container_broker() -> Iterator[ContainerBroker]:
    amqp_port, management_port = free_ports(2)  # chosen by us: a port of the engine's choice changes at each start
    container = DockerContainer(IMAGE)
    # its type knows no address, and the engine takes one
    container.ports = {"5672/tcp": ("127.0.0.1", amqp_port), "15672/tcp": ("127.0.0.1", management_port)}  # type: ignore[dict-item]
    with container:
        broker = ContainerBroker(container, amqp_port, management_port)
        broker.wait_ready()
        yield broker


@contextlib.contextmanager
def fresh_vhost(broker: Broker) -> Iterator[str]:
    """The AMQP URL of a new virtual host, deleted afterwards. Mends a broker that an earlier test left down."""
    broker.unpause()
    if not broker.running:
        broker.start()
    name = f"test-{secrets.token_hex(4)}"
    vhost = f"{broker.management_url}/api/vhosts/{name}"
    permissions = f"{broker.management_url}/api/permissions/{name}/guest"
    with requests.Session() as api:
        api.auth = ("guest", "guest")
        api.put(vhost, json={}, timeout=30).raise_for_status()
        api.put(permissions, json={"configure": ".*", "write": ".*", "read": ".*"}, timeout=30).raise_for_status()
    try:
        yield broker.amqp_url + name
    finally:
        broker.unpause()
        if broker.running:  # with a broker that stays down, the virtual host dies at the session's end
            requests.delete(vhost, auth=("guest", "guest"), timeout=30)
