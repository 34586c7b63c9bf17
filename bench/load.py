"""The load: one thread, raw sockets and epoll, to take little of the machine that it measures.

    python -m bench.load PORT[,PORT] SECONDS CONNECTIONS [PER_SECOND]

Without PER_SECOND every connection posts again once it has its answer. With it, posts leave by the clock, and a
late answer counts from when its post was due. Prints one JSON object; an answer other than 200 is an error.
"""

import json
import os
import select
import socket
import sys
import time
from collections import deque

from shared.docspace.signature import SIGNATURE_HEADER, sign

SECRET = "bench-secret"


def request() -> bytes:
    event = {"event": {"id": 1, "trigger": "file.uploaded"}, "payload": {"id": 1}, "filler": "x" * 900}
    body = json.dumps(event).encode()
    lines = [
        "POST /docspace/webhook HTTP/1.1",
        "Host: bench",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"{SIGNATURE_HEADER}: {sign(SECRET.encode(), body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def complete(answer: bytes) -> bool:
    """Whether head and body are there; RuntimeError unless it says 200."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the answer was {head.splitlines()[0].decode()}")
    return len(body) >= int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])


class Load:
    def __init__(self, ports: list[int], connections: int) -> None:
        self._request = request()
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._due: dict[int, float] = {}
        self._answers: dict[int, bytes] = {}
        self.took_s: list[float] = []
        for number in range(connections):
            connection = socket.create_connection(("127.0.0.1", ports[number % len(ports)]), 10)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[connection.fileno()] = connection
            self._poll.register(connection, select.EPOLLIN)

    def closed_loop(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        for number in self._sockets:
            self._send(number, time.perf_counter())
        while self._due:
            for number in self._answered(10):
                if (now := time.perf_counter()) < until:
                    self._send(number, now)

    def by_the_clock(self, seconds: float, per_s: float) -> None:
        idle = deque(self._sockets)
        start = time.perf_counter()
        due = deque(start + n / per_s for n in range(round(seconds * per_s)))
        while due or self._due:
            while due and idle and due[0] <= time.perf_counter():
                self._send(idle.popleft(), due.popleft())
            wait_s = max(0.0, due[0] - time.perf_counter()) if due and idle else 10
            idle.extend(self._answered(wait_s))

    def _send(self, number: int, due: float) -> None:
        self._due[number] = due
        self._answers[number] = b""
        self._sockets[number].sendall(self._request)

    def _answered(self, wait_s: float) -> list[int]:
        done = []
        for number, _ in self._poll.poll(wait_s):
            piece = self._sockets[number].recv(65536)
            if not piece:
                raise RuntimeError("the server closed a connection")
            self._answers[number] += piece
            if complete(self._answers[number]):
                self.took_s.append(time.perf_counter() - self._due.pop(number))
                done.append(number)
        return done


def main(arguments: list[str]) -> None:
    ports, seconds, connections = arguments[0].split(","), float(arguments[1]), int(arguments[2])
    load = Load([int(port) for port in ports], connections)
    started, cpu_before = time.perf_counter(), os.times()
    if len(arguments) > 3:
        load.by_the_clock(seconds, float(arguments[3]))
    else:
        load.closed_loop(seconds)
    lasted_s, cpu = time.perf_counter() - started, os.times()
    took_s = sorted(load.took_s)
    cpu_s = cpu.user + cpu.system - cpu_before.user - cpu_before.system
    figures = {
        "answered": len(took_s),
        "per_s": len(took_s) / lasted_s,
        "p50_ms": took_s[len(took_s) // 2] * 1000,
        "p99_ms": took_s[int(len(took_s) * 0.99)] * 1000,
        "cpu_share": cpu_s / lasted_s,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
