"""One client that sends all its posts at once: each is answered, and the ingress keeps no memory of them."""

import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.fuzz.run import GROWTH_MB, resident_mb
from tests.support.brokers import Broker, fresh_vhost
from tests.support.ingress import event, post, raw_post, running_ingress
from tests.support.pipeline import Worker

AT_ONCE = 100
"""Posts in one write of the client."""
LOOK_EVERY_S = 0.5
SILENT_S = 60.0
STATUS_LINE = b"HTTP/1.1 401 "


@dataclass(frozen=True, slots=True)
class Result:
    server: str
    sent: int
    answered: int
    seconds: float
    grown_mb: float
    """At the most, between the first and the last answer."""
    worst_s: float
    """The slowest of somebody else's posts meanwhile."""
    running: bool

    def __str__(self) -> str:
        return (
            f"{self.server}: {self.answered} of {self.sent} pipelined posts answered in {self.seconds:.0f} s;"
            f" memory grew by {self.grown_mb:.1f} MB at the most;"
            f" somebody else's post took {self.worst_s * 1000:.0f} ms at the most"
        )

    @property
    def faults(self) -> list[str]:
        found = {
            f"{self.sent - self.answered} posts have no answer": self.answered != self.sent,
            f"memory grew by {self.grown_mb:.0f} MB": self.grown_mb > GROWTH_MB,
            "the ingress ended, or does not answer": not self.running,
        }
        return [fault for fault, is_one in found.items() if is_one]


def run(broker: Broker, server: str, folder: Path, count: int) -> Result:
    """Unsigned, so that none waits for the broker."""
    with fresh_vhost(broker) as url, running_ingress(server, url, folder) as ingress:
        ingress.wait_connected()
        post(ingress, event(0))
        before_mb, began = resident_mb(ingress), time.monotonic()
        with ThreadPoolExecutor(1) as beside, _connection(ingress) as client:
            over = threading.Event()
            watched = beside.submit(_watch, ingress, over)
            sender = threading.Thread(target=_send, args=(client, count))
            sender.start()
            answered = _count(client)
            seconds = time.monotonic() - began
            over.set()
            sender.join(SILENT_S)
            highest_mb, worst_s = watched.result()
        running = ingress.running and post(ingress, event(0)).status_code == 200
    return Result(server, count, answered, seconds, highest_mb - before_mb, worst_s, running)


def _connection(ingress: Worker) -> socket.socket:
    return socket.create_connection(("127.0.0.1", ingress.webhook_port), SILENT_S)


def _send(client: socket.socket, count: int) -> None:
    one = raw_post(event(1), signed=False)
    with contextlib.suppress(ConnectionError):
        for start in range(0, count, AT_ONCE):
            client.sendall(one * min(AT_ONCE, count - start))
        client.shutdown(socket.SHUT_WR)


def _count(client: socket.socket) -> int:
    """Answers until the ingress closes."""
    answers, tail = 0, b""
    with contextlib.suppress(ConnectionError):
        while received := client.recv(1 << 16):
            text = tail + received
            answers += text.count(STATUS_LINE)
            tail = text[-(len(STATUS_LINE) - 1) :]
    return answers


def _watch(ingress: Worker, over: threading.Event) -> tuple[float, float]:
    """The most memory, and the longest that a signed post took."""
    highest_mb = worst_s = 0.0
    while not over.wait(LOOK_EVERY_S):
        began = time.monotonic()
        try:
            post(ingress, event(2)).raise_for_status()
        except requests.RequestException:
            break  # the result tells that it does not answer
        worst_s = max(worst_s, time.monotonic() - began)
        highest_mb = max(highest_mb, resident_mb(ingress))
    return highest_mb, worst_s
