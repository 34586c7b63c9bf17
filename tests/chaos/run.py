"""One run: uploads at a steady rate while the storm lasts, then peace, and the verdict."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from tests.chaos.expected import Uploaded, identity
from tests.chaos.plan import Act, Upload
from tests.chaos.rest import dead_letters, settle
from tests.chaos.site import Site
from tests.chaos.storm import Done, Storm
from tests.chaos.verdict import Verdict, judge
from tests.support.brokers import QUEUE_REGISTERED_S
from tests.support.pipeline import INCOMING

SAY_EVERY_S = 3.0

Say = Callable[[str], None]


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
) -> Result:
    """`settle_s` and `patience_s` as in `rest.settle`."""
    time.sleep(QUEUE_REGISTERED_S)  # before the first kill of the broker
    storm = Storm(site)
    started = time.monotonic()
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
    spoke = time.monotonic()

    def say_sometimes(text: str) -> None:
        nonlocal spoke
        if time.monotonic() - spoke >= SAY_EVERY_S:
            spoke = time.monotonic()
            say(text)

    settled_from = time.monotonic()
    left = settle(
        site,
        lambda: judge(
            uploaded, site.state(), [], storm.done, incoming=INCOMING, purged=site.purged, withdrawn=site.withdrawn
        ),
        say_sometimes,
        deadline_s=settle_s,
        patience_s=patience_s,
    )
    settling_s = time.monotonic() - settled_from
    verdict = judge(
        uploaded, site.state(), dead_letters(site), storm.done,
        incoming=INCOMING, purged=site.purged, withdrawn=site.withdrawn, waiting=left,
    )  # fmt: skip
    return Result(verdict, storm.done, uploading_s, settling_s)


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
            done.append(Uploaded(upload, identity(answer, "id"), answer["version"], at))
            if time.monotonic() - spoke >= SAY_EVERY_S:
                spoke = time.monotonic()
                counts = site.state(limit=0)["counts"]
                say(f"{number + 1} uploads, {counts['moves']} filed, {counts['mails']} mails")
    return done
