"""Uploads a file to the simulated portal and posts its webhook, by the clock, and notes when each was posted."""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests

from bench.pipeline import ROOM, SECRET, Pipeline

SENDERS = 32


@dataclass(frozen=True, slots=True)
class Sent:
    title: str
    status: int
    """0: no answer."""
    at: float
    """When the webhook left, seconds since the epoch: the portal and the mailbox use the same clock."""
    took_s: float


def subject_of(title: str) -> str:
    """The subject of the mail that announces it."""
    return f"Invoice filed: {title}"


def check_once(sent: Sequence[Sent], mails: Sequence[Mapping[str, Any]]) -> None:
    """RuntimeError unless each of them was announced once."""
    times = Counter(mail["subject"] for mail in mails)
    if wrong := [one.title for one in sent if times[subject_of(one.title)] != 1]:
        raise RuntimeError(f"{len(wrong)} invoices were not announced once, the first of them {wrong[0]}")


class Load:
    """`rate` uploads a second, from its making to `end`, at most `most`. Titles are numbered on from `first`."""

    def __init__(self, running: Pipeline, rate: float, *, first: int = 0, most: int | None = None) -> None:
        self._running = running
        self.rate = rate
        self._first = first
        self._most = most
        self._ended = False
        self._local = threading.local()
        self._files: deque[tuple[int, int]] = deque()
        self._senders = ThreadPoolExecutor(SENDERS)
        self._clock = ThreadPoolExecutor(1)
        self._sent: Future[list[Future[Sent]]] = self._clock.submit(self._run)

    @property
    def done(self) -> bool:
        """`most` are on their way."""
        return self._sent.done()

    def take_files(self, before: int) -> Iterator[int]:
        """The ids of the uploaded files with a number below `before`, about in order, each once."""
        while self._files and self._files[0][0] < before:
            yield self._files.popleft()[1]

    def end(self) -> list[Sent]:
        self._ended = True
        sent = [future.result() for future in self._sent.result()]
        self._senders.shutdown()
        self._clock.shutdown()
        return sent

    def _run(self) -> list[Future[Sent]]:
        started = time.monotonic()
        sent: list[Future[Sent]] = []
        while not self._ended and len(sent) != self._most:
            time.sleep(max(0.0, started + len(sent) / self.rate - time.monotonic()))
            sent.append(self._senders.submit(self._send, self._first + len(sent)))
        return sent

    def _send(self, number: int) -> Sent:
        title = f"Invoice {number:06d}.pdf"
        http = self._session()
        uploaded = http.post(
            f"{self._running.portal}/simulator/upload",
            params={"folder": str(ROOM), "name": title},
            data=b"%PDF-1.7 sample",
            timeout=30,
        )
        uploaded.raise_for_status()
        file_id = uploaded.json()["id"]
        self._files.append((number, file_id))
        body = _webhook(number, file_id, title)
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest().upper()
        at, started = time.time(), time.monotonic()
        try:
            answer = http.post(
                self._running.webhook, data=body, headers={"x-docspace-signature-256": signature}, timeout=30
            )
        except requests.RequestException:
            return Sent(title, 0, at, time.monotonic() - started)
        return Sent(title, answer.status_code, at, time.monotonic() - started)

    def _session(self) -> requests.Session:
        """One for each sender: a connection that is kept costs the two cores less than a new one each time."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session


def _webhook(number: int, file_id: int, title: str) -> bytes:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    payload = {"id": file_id, "parentId": ROOM, "folderIdDisplay": ROOM, "title": title}
    payload |= {"createOn": now, "modifiedOn": now, "fileEntryType": 2}
    event = {"id": number + 1, "createOn": now, "trigger": "file.uploaded", "triggerId": 256}
    return json.dumps({"event": event, "payload": payload, "webhook": {"id": 7, "name": "bench"}}).encode()
