"""Uploads a file to the simulated portal and posts its webhook, by the clock, and notes when each was posted."""

import json
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from bench.pipeline import ROOM, SECRET, Pipeline
from shared.docspace.signature import SIGNATURE_HEADER, sign

SENDERS = 32
CONTENT = b"%PDF-1.7 sample"
OK = 200


@dataclass(frozen=True, slots=True)
class Sent:
    title: str
    status: int
    """0: no answer."""
    at: float
    """When the webhook left, seconds since the epoch: the portal and the mailbox use the same clock."""
    took_s: float


def title_in(mail: Mapping[str, Any]) -> str:
    """Of the invoice that it announces: the subject has the client before it."""
    return str(mail["subject"]).partition(": ")[2]


def check_once(sent: Sequence[Sent], mails: Sequence[Mapping[str, Any]]) -> None:
    """RuntimeError unless each of them was announced once."""
    times = Counter(map(title_in, mails))
    if wrong := [one.title for one in sent if times[one.title] != 1]:
        raise RuntimeError(f"{len(wrong)} invoices were not announced once, the first of them {wrong[0]}")


class Load:
    """`rate` uploads a second, from its making to `end`, at most `most`. Titles are numbered on from `first`."""

    def __init__(self, running: Pipeline, rate: float, *, first: int = 0, most: int | None = None) -> None:
        self._running = running
        self.rate = rate
        self._first = first
        self._most = most
        self._ended = False
        # not requests, which takes four times as much of the machine that is measured
        self._http = urllib3.PoolManager(maxsize=SENDERS, retries=False, timeout=30)
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
        place = urlencode({"folder": ROOM, "name": title})
        uploaded = self._http.request("POST", f"{self._running.portal}/simulator/upload?{place}", body=CONTENT)
        if uploaded.status != OK:
            raise RuntimeError(f"the simulated portal took no upload: {uploaded.status}")
        file_id = uploaded.json()["id"]
        self._files.append((number, file_id))
        body = _webhook(number, file_id, title)
        at, started = time.time(), time.monotonic()
        try:
            status = self._http.request(
                "POST", self._running.webhook, body=body, headers={SIGNATURE_HEADER: sign(SECRET.encode(), body)}
            ).status
        except urllib3.exceptions.HTTPError:
            status = 0
        return Sent(title, status, at, time.monotonic() - started)


def _webhook(number: int, file_id: int, title: str) -> bytes:
    # gmtime() alone may lag by a tick of the kernel, so a webhook would tell the second before its file's.
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time()))
    payload = {"id": file_id, "parentId": ROOM, "folderIdDisplay": ROOM, "title": title}
    payload |= {"createOn": now, "modifiedOn": now, "fileEntryType": 2}
    event = {"id": number + 1, "createOn": now, "trigger": "file.uploaded", "triggerId": 256}
    return json.dumps({"event": event, "payload": payload, "webhook": {"id": 7, "name": "bench"}}).encode()
