"""One run: uploads at a steady rate while the storm lasts, then peace, and the verdict."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import requests

from tests.chaos.expected import Uploaded, identity
from tests.chaos.plan import Act, Upload
from tests.chaos.rest import dead_letters, settle
from tests.chaos.site import Site
from tests.chaos.standstill import Onlooker
from tests.chaos.storm import Done, Storm
from tests.chaos.sweeping import Injected
from tests.chaos.verdict import DeadLetter, Verdict, judge
from tests.support.brokers import QUEUE_REGISTERED_S
from tests.support.pipeline import INCOMING

SAY_EVERY_S = 3.0

Say = Callable[[str], None]
Settle = Callable[[Callable[[], Verdict]], dict[str, int]]
"""Waits until nothing moves, and tells what waits still."""


@dataclass(frozen=True, slots=True)
class Result:
    verdict: Verdict
    storm: list[Done]
    uploading_s: float
    settling_s: float


def run(
    site: Site,
    uploads: Iterable[Upload],
    lanes: Mapping[str, Iterable[Act]],
    *,
    per_s: float,
    say: Say,
    settle_s: float,
    patience_s: float,
    sweeps: bool = False,
) -> Result:
    """`settle_s` and `patience_s` as in `rest.settle`. `sweeps`: one goes round, and one ends the run."""
    time.sleep(QUEUE_REGISTERED_S)  # before the first kill of the broker
    storm = Storm(site)
    onlooker = Onlooker(site)
    started = time.monotonic()
    if sweeps:
        site.sweeping.start()
    onlooker.start()
    for lane, acts in lanes.items():
        storm.start(lane, iter(acts))
    try:
        uploaded = _upload(
            site, uploads, per_s, lambda text: say(f"{text}; {', '.join(storm.under_way) or 'calm'}")
        )
    finally:
        storm.end()
    uploading_s = time.monotonic() - started
    say("all uploaded: lifting every fault and starting everything again")
    site.mend()
    settled_from = time.monotonic()
    settled = partial(settle, site, say=_now_and_then(say), deadline_s=settle_s, patience_s=patience_s)
    rest = _Rest(site, uploaded, storm.done, settled)
    rest.settle()
    if sweeps:
        say("all that came is done: a sweep by hand")
        rest.sweep()
    rest.saw(onlooker.end())
    return Result(rest.verdict(), storm.done, uploading_s, time.monotonic() - settled_from)


def _now_and_then(say: Say) -> Say:
    spoke = time.monotonic()

    def say_sometimes(text: str) -> None:
        nonlocal spoke
        if time.monotonic() - spoke >= SAY_EVERY_S:
            spoke = time.monotonic()
            say(text)

    return say_sometimes


class _Rest:
    """After the storm: waits, sweeps, judges."""

    def __init__(self, site: Site, uploaded: list[Uploaded], storm: list[Done], settle: Settle) -> None:
        self._site = site
        self._uploaded = uploaded
        self._storm = storm
        self._settle = settle
        self._swept = False
        self._injected: list[Injected] = []
        self._wrong: list[str] = []
        self._left: dict[str, int] = {}

    def settle(self) -> None:
        self._left = self._settle(lambda: self._judge([]))

    def sweep(self) -> None:
        """What came is done by now: whatever is missing still, no webhook told of it."""
        self._site.move_in()
        failed = self._site.sweeping.stop()
        self._injected += self._site.sweeping.injected()
        fault, injected = self._site.sweeping.by_hand()
        self._injected += injected
        self._wrong += filter(None, (failed, fault))
        self._swept = True
        self.settle()

    def saw(self, faults: list[str]) -> None:
        """What was seen meanwhile that may not be."""
        self._wrong += faults

    def verdict(self) -> Verdict:
        verdict = self._judge(dead_letters(self._site))
        verdict.waiting = self._left
        verdict.wrong += self._wrong
        return verdict

    def _judge(self, dead: list[DeadLetter]) -> Verdict:
        site = self._site
        return judge(
            self._uploaded, site.state(), dead, self._storm,
            incoming=INCOMING, purged=site.purged, withdrawn=site.withdrawn,
            swept=self._swept, injected=self._injected,
        )  # fmt: skip


def _upload(site: Site, uploads: Iterable[Upload], per_s: float, say: Say) -> list[Uploaded]:
    done: list[Uploaded] = []
    started = spoke = time.monotonic()
    with requests.Session() as session:
        for number, upload in enumerate(uploads):
            time.sleep(max(0.0, started + number / per_s - time.monotonic()))
            if upload.title in site.titles_purged:
                continue  # its mails could not be told from the first one's, if it had its id too
            with site.uploading:
                at = datetime.now(UTC)
                answer = site.upload(session, upload.title, upload.folder, upload.kind)
            done.append(Uploaded(upload, identity(answer, "id"), answer["version"], at, answer["modified"]))
            if time.monotonic() - spoke >= SAY_EVERY_S:
                spoke = time.monotonic()
                counts = site.state(limit=0)["counts"]
                say(f"{number + 1} uploads, {counts['moves']} filed, {counts['mails']} mails")
    return done
