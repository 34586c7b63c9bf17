"""Deletes from the simulated portal the files that were announced a while ago.

It sorts all that a folder holds for each page of a listing: with tens of thousands it would be the slowest of all,
as no portal with a database is. Its records of moves and mails stay.
"""

import threading
from types import TracebackType
from typing import Self

import requests

from bench.pipeline import Pipeline
from bench.uploads import Load

EVERY_S = 1.0
MARGIN_S = 30.0
"""So much younger than the newest mail and its own may still be missing: a message waits its step on the ladder."""


class Tidying:
    """A context manager around a load."""

    def __init__(self, running: Pipeline, load: Load) -> None:
        self._running = running
        self._load = load
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        margin = round(self._load.rate * MARGIN_S)
        with requests.Session() as http:
            http.trust_env = False
            while not self._stop.wait(EVERY_S):
                announced = self._running.mails()
                for file_id in self._load.take_files(announced - margin):
                    address = f"{self._running.portal}/simulator/files/{file_id}"
                    http.put(address, json={"deleted": True}, timeout=30).raise_for_status()
