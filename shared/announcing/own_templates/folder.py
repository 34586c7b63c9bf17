"""The templates in TEMPLATES_DIR: what is there takes the place of ours, as long as it works."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import structlog

from shared.announcing.facts import Facts, facts
from shared.announcing.own_templates.process import RenderingProcess, TemplateFaultError
from shared.announcing.text import HTML, PLAIN, SUBJECT
from shared.announcing.voice import Voice
from shared.wire.events import InvoiceFiled

NAMES = (SUBJECT, PLAIN, HTML)

AGAIN_S = 60.0
"""A template that failed is not tried again for so long, unless its file changes: each try may take seconds."""

LOOK_S = 10.0
"""Between two looks whether a file has changed."""

SAMPLE = InvoiceFiled(
    file_id=1, source_file_id=1, version=1, title="Invoice 4711.pdf", rule="sample", destination=2,
    recipients=("manager@example.com",), destination_path=("Accounting", "Incoming"), room_title="Acme Ltd",
    web_url="https://portal.example.com/doceditor?fileid=1",
    folder_url="https://portal.example.com/rooms/shared/2/filter?folder=2",
    uploaded_by="Anna Client", uploaded_at="2026-11-24T18:19:30Z",
)  # fmt: skip

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class _Fault(NamedTuple):
    stamp: int
    """Of the file, when it failed."""
    at: float
    sentence: str


class OwnTemplates:
    """Serves many threads, one at a time."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._process = RenderingProcess(folder)
        self._faults: dict[str, _Fault] = {}
        self._seen: dict[str, int] = {}

    def render(self, name: str, said: Facts) -> str | None:
        """None where ours is to be used: there is no such file, or it does not work. Raises nothing."""
        with self._lock:
            stamp = self._stamp(name)
            if not stamp:
                self._faults.pop(name, None)
                return None
            fault = self._faults.get(name)
            if fault and fault.stamp == stamp and self._clock() < fault.at + AGAIN_S:
                return None
            try:
                text = self._process.render(name, dict(said))
            except TemplateFaultError as error:
                self._faults[name] = _Fault(stamp, self._clock(), str(error))
                log.error("template.unusable", template=name, reason=str(error))  # noqa: TRY400 - nothing of ours
                return None
            self._faults.pop(name, None)
            return text

    def check(self) -> str | None:
        """A note for readiness: which templates do not work. Everybody is told all the same, by ours."""
        faults = dict(self._faults)
        if not faults:
            return None
        told = "; ".join(f"{name}: {fault.sentence}" for name, fault in sorted(faults.items()))
        return f"a template in TEMPLATES_DIR cannot be used, and ours is in its place: {told}"

    def watch(self, stopped: Callable[[float], bool]) -> None:
        """Try each file out at the start and when it changes, so that a fault shows before an invoice comes."""
        while True:
            self.try_changed()
            if stopped(LOOK_S):
                return

    def try_changed(self) -> None:
        for name in NAMES:
            stamp = self._stamp(name)
            if stamp != self._seen.get(name):
                self._seen[name] = stamp
                self.render(name, facts(SAMPLE, "5f0c8a52", Voice(), ("anna@example.com",)))

    def close(self) -> None:
        with self._lock:
            self._process.close()

    def _stamp(self, name: str) -> int:
        """0: there is no such file."""
        try:
            return (self._folder / name).stat().st_mtime_ns
        except OSError:
            return 0
