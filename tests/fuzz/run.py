"""One run against one server: hostile connections, legitimate posts beside them, and what has to hold."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.hostile import Answers, play_all
from tests.support.brokers import Broker, fresh_vhost
from tests.support.ingress import event, post, running_ingress
from tests.support.pipeline import Worker
from tests.support.runtime import plain_channel

WARM_UP = 200
"""Hostile connections before memory is read for the first time: some is kept from the first use on."""
PER_S = 10.0
GROWTH_MB = 40.0


@dataclass(frozen=True, slots=True)
class Limits:
    p999_s: float = 1.0
    worst_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Result:
    server: str
    seconds: float
    answers: Answers
    took_s: list[float]
    """Of each legitimate post, the shortest first."""
    grown_mb: float
    faults: list[str]

    @property
    def p999_s(self) -> float:
        return self.took_s[max(0, -(-999 * len(self.took_s) // 1000) - 1)]

    def __str__(self) -> str:
        counts = ", ".join(f"{count} of {status}" for status, count in sorted(self.answers.statuses.items()))
        return (
            f"{self.server}: {self.seconds:.0f} s; legitimate posts: {len(self.took_s)}, median"
            f" {self.took_s[len(self.took_s) // 2] * 1000:.0f} ms, p99.9 {self.p999_s * 1000:.0f} ms, worst"
            f" {self.took_s[-1] * 1000:.0f} ms; memory grew by {self.grown_mb:.1f} MB; answers: {counts},"
            f" {self.answers.silent} connections without one"
        )


def run(
    broker: Broker, server: str, folder: Path, *, seed: int, connections: range, posts: int, limits: Limits,
) -> Result:  # fmt: skip
    with fresh_vhost(broker) as url, running_ingress(server, url, folder) as ingress:
        ingress.wait_connected()
        asyncio.run(play_all(ingress.webhook_port, seed + 1, range(WARM_UP)))
        before_mb, began = resident_mb(ingress), time.monotonic()
        command = [sys.executable, "-m", "tests.fuzz.legitimate", str(ingress.webhook_port), str(posts), str(PER_S)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as legitimate:
            answers = _play_politely(ingress.webhook_port, seed, connections)
            seconds = time.monotonic() - began
            told = json.loads(legitimate.communicate()[0])
        grown_mb = resident_mb(ingress) - before_mb
        running = ingress.running and post(ingress, event(posts)).status_code == 200
        kept = _bodies(url)
        code = ingress.stop() if ingress.running else None
        log = ingress.written()
    took_s = sorted(told["took_s"])
    result = Result(server, seconds, answers, took_s, grown_mb, list(answers.faults))
    lost = [number for number in range(posts) if event(number) not in kept]
    faults = {
        f"legitimate posts were not taken: {told['refused']}": told["refused"],
        f"events are not in the broker: {lost}": lost,
        f"the ingress ended, or does not answer (exit code {code})": not running or code != 0,
        f"memory grew by {grown_mb:.0f} MB": grown_mb > GROWTH_MB,
        f"a post took {took_s[-1]:.2f} s": took_s[-1] > limits.worst_s,
        f"p99.9 is {result.p999_s:.2f} s": result.p999_s > limits.p999_s,
        "there is a traceback in the log": "Traceback" in log,
    }
    result.faults.extend(fault for fault, found in faults.items() if found)
    return result


def _play_politely(port: int, seed: int, connections: range) -> Answers:
    """Strangers are on other machines: ours gives the ingress the processor first, and them what is left."""

    def give_way() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)  # on Linux, of this thread alone

    with ThreadPoolExecutor(1, initializer=give_way) as strangers:
        return strangers.submit(asyncio.run, play_all(port, seed, connections)).result()


def resident_mb(ingress: Worker) -> float:
    assert ingress.process is not None
    status = Path(f"/proc/{ingress.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def _bodies(url: str) -> set[bytes]:
    """Of all that waits for the classifier."""
    found: set[bytes] = set()
    with plain_channel(url) as channel:
        while True:
            method, _, body = channel.basic_get("classifier", auto_ack=True)
            if method is None:
                return found
            found.add(body)
