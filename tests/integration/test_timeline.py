"""`timeline` of twenty uploads, of every fate there is, against what the portal and the mailbox have of them."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from shared.store.history.step import BROKER, PUT_AWAY
from shared.wire.broker_deaths import KILLED
from simulator.api.reading import Reading
from simulator.outgoing import payload, triggers
from simulator.outgoing.payload import Event
from simulator.portal import seed, uploads
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import INCOMING, ROOM, SUBFOLDER, Pipeline, running_pipeline
from tests.support.runtime import crash_until_buried, waiting_in
from tests.support.waiting import wait_until

PATIENCE_S = 60
LISTENED = triggers.UPLOADS | triggers.BITS["file.updated"]

SENT_IN = "reconciler received"
GOT, FOUND, MOVED, TOLD = "ingress received", "classifier forward", "mover forward", "notifier forward"
NO_INVOICE, NOT_MOVED, NOT_TOLD = "classifier skip", "mover skip", "notifier skip"
WHOLE = [GOT, FOUND, MOVED, TOLD]


@dataclass(frozen=True)
class Fate:
    states: tuple[str, ...]
    """Of each upload of the file, the last first."""
    steps: list[str]
    """In any order: twins overtake each other. Without retries."""
    reason: str = ""
    """Part of that of the last upload."""
    retried: str = ""
    """The stage that retries at least once, for another reason than that another worker is at it."""


FATES = {
    "Invoice plain.pdf": Fate(("filed",), WHOLE),
    "Invoice below.pdf": Fate(("filed",), WHOLE),
    "Invoice twins.pdf": Fate(("filed",), [GOT, GOT, FOUND, FOUND, MOVED, NOT_MOVED, TOLD]),
    "Invoice version.pdf": Fate(("filed", "filed"), [*WHOLE, GOT, FOUND, MOVED, NOT_TOLD]),
    "Invoice by hand.pdf": Fate(("filed",), [*WHOLE, GOT, FOUND, NOT_MOVED]),
    "Invoice reconciled.pdf": Fate(("filed",), [SENT_IN, FOUND, MOVED, TOLD]),
    "Invoice locked.pdf": Fate(("filed",), WHOLE, retried="mover"),
    "Invoice busy.pdf": Fate(("filed",), WHOLE, retried="notifier"),
    "Invoice replayed.pdf": Fate(("filed",), [*WHOLE, "mover dead", "mover replay"]),
    "Invoice denied.pdf": Fate(("failed",), [GOT, FOUND, "mover dead"], "may not move the file"),
    "Invoice refused.pdf": Fate(("failed",), [GOT, FOUND, MOVED, "notifier dead"], "550"),
    "Invoice killer.pdf": Fate(("failed",), [GOT, "classifier dead"], KILLED),
    "Invoice given up.pdf": Fate(("skipped",), [GOT, FOUND, "mover dead", "mover discard"], PUT_AWAY),
    "Invoice gone early.pdf": Fate(("skipped",), [GOT, NO_INVOICE], "the file no longer exists"),
    "Invoice gone late.pdf": Fate(("skipped",), [GOT, FOUND, NOT_MOVED], "the file no longer exists"),
    "Contract renamed.pdf": Fate(("skipped", "skipped"), [GOT, NO_INVOICE] * 2, "trigger file.updated is not"),
    "Invoice folder": Fate(("skipped",), [GOT, NO_INVOICE], "a folder, not a file"),
    "Invoice of ours.pdf": Fate(("skipped",), [GOT, NO_INVOICE] * 2, "is the service user itself"),
    "Invoice elsewhere.pdf": Fate(("skipped",), [GOT, NO_INVOICE], f"is not in room {ROOM}"),
    "Holiday.pdf": Fate(("skipped",), [GOT, NO_INVOICE], 'does not start with "invoice"'),
}
SMTP_REFUSALS = 2


class Story:
    """Uploads each file, and sees to its fate."""

    def __init__(self, running: Pipeline, projector: Projector, folder: Path) -> None:
        self.running, self.projector, self.folder = running, projector, folder
        self.portal, self.hooks = running.simulator.portal, running.simulator.webhooks
        self.ids: dict[str, int | str] = {}

    def upload(self, *words: str, folder: int = ROOM, kind: str = "chunked") -> None:
        for word in words:
            title = f"Invoice {word}.pdf"
            self.ids[title] = self.running.upload(title, folder=folder, kind=kind)

    def change(self, word: str, **state: Any) -> None:
        url = f"{self.running.simulator.url}/simulator/files/{self.ids[f'Invoice {word}.pdf']}"
        requests.put(url, json=state, timeout=10).raise_for_status()

    def until_waiting(self, queue: str, count: int) -> None:
        wait_until(
            lambda: waiting_in(self.projector.url, queue) == count,
            PATIENCE_S,
            f"{count} in {queue}, see {self.folder}",
        )

    def until_mailed(self, *words: str) -> None:
        for word in words:
            wait_until(
                partial(self.running.mails_about, f"Invoice {word}.pdf"), PATIENCE_S, f"the mail about {word}"
            )

    def steps(self, word: str) -> list[dict[str, Any]]:
        return steps_of(told(self.projector, self.ids[f"Invoice {word}.pdf"]))

    def until_step(self, word: str, step: str) -> dict[str, Any]:
        found = wait_until(
            lambda: [each for each in self.steps(word) if name(each) == step], PATIENCE_S, f"{step} of {word}"
        )
        return found[-1]

    def console(self, *command: str) -> Any:
        environ = self.running.workers["mover"].environ
        done = forks.run((sys.executable, "-m", "console", *command), environ)
        assert done.returncode == 0, done.stderr
        return done

    # from here on, in the order in which they happen

    def before_the_classifier_runs(self) -> None:
        self.upload("killer")
        self.until_waiting("classifier", 1)
        crash_until_buried(self.projector.url, "classifier")
        self.upload("gone early", "plain")  # in this order: a purged file's id goes to the next upload
        self.change("gone early", deleted=True)

    def before_the_mover_runs(self) -> None:
        self.upload("by hand", "locked", "replayed", "denied", "given up", "gone late", "version")
        self.upload("below", folder=SUBFOLDER)
        self.upload("twins", kind="simple")
        self.upload("elsewhere", folder=seed.OTHER_CLIENT_ROOM)
        for title in ("Holiday.pdf", "Contract renamed.pdf"):
            self.ids[title] = self.running.upload(title)
        self._upload_that_is_a_folder("Invoice folder")
        ours = uploads.simple(self.portal, seed.SERVICE, ROOM, "Invoice of ours.pdf", b"ours")
        self.ids["Invoice of ours.pdf"] = ours.id
        self.until_waiting("mover", 11)
        self._another_second()
        self.portal.rename(seed.CLIENT, self.ids["Contract renamed.pdf"], "Contract renamed.pdf")
        self.upload("version")
        self.until_waiting("mover", 12)
        self.change("gone late", deleted=True)
        self.change("locked", locked_by="client")
        for word in ("denied", "replayed", "given up"):
            self.change(word, denied=True)

    def _upload_that_is_a_folder(self, title: str) -> None:
        """No portal was seen to send such a one; a rule can only ask for triggers of files."""
        folder = self.portal.create_folder(seed.CLIENT, ROOM, title)
        shown = payload.of_folder(self.portal.tree, folder)
        event = Event("file.uploaded", seed.CLIENT.id, folder.created, shown)
        self.hooks.publish(event, lambda _: Reading(readable=True))
        self.ids[title] = folder.id

    def _another_second(self) -> None:
        """DocSpace tells two uploads of one file apart by their whole second."""
        second = int(time.time())
        wait_until(lambda: int(time.time()) > second, 5, "the next second")

    def with_all_workers(self) -> None:
        self.until_step("locked", "mover retry")
        self.change("locked", locked_by=None)
        self.until_waiting("mover.dead", 3)
        self.change("replayed", denied=False)
        self.console("dead", "replay", self.until_step("replayed", "mover dead")["message_id"])
        self.until_mailed("plain", "by hand", "below", "twins", "version", "locked", "replayed")
        self.until_step("version", NOT_TOLD)

        (event,) = [
            row.id for row in self.hooks.log.values() if row.event.payload["id"] == self.ids["Invoice by hand.pdf"]
        ]
        self.hooks.retry(event)
        self.running.faults({"smtp": {"code": 451, "times": SMTP_REFUSALS}})
        self.upload("busy")
        self.until_mailed("busy")
        self.running.faults({"smtp": {"code": 550}})
        self.upload("refused")
        self.until_waiting("notifier.dead", 1)
        self.running.faults(None)

        self.hook(enabled=False)
        self.upload("reconciled")
        self.hook(enabled=True)
        report = self.console("reconcile", "--grace", "0", "--json")
        assert json.loads(report.stdout)["injected"] == 1
        self.until_mailed("reconciled")
        letter = self.until_step("given up", "mover dead")["message_id"]
        self.console("dead", "discard", letter, "--to", str(self.folder / "discarded.jsonl"), "--yes")
        report = json.loads(self.console("reconcile", "--grace", "0", "--json").stdout)
        states = {file["title"]: file["state"] for file in report["files"]}
        assert (states["Invoice given up.pdf"], report["injected"]) == ("discarded", 0)

    def hook(self, **changed: Any) -> None:
        (hook,) = self.hooks.by_id.values()
        self.hooks.put(replace(hook, **changed))


@pytest.fixture
def story(any_broker: Broker, tmp_path: Path) -> Iterator[Story]:
    held = ("classifier", "mover")
    with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path, held=held) as running:
        projector = Projector(url, tmp_path)
        try:
            for worker in ("ingress", "notifier"):
                running.workers[worker].wait_ready(PATIENCE_S)
            yield Story(running, projector, tmp_path)
        finally:
            projector.kill()


@pytest.mark.timeout(300)
def test_every_timeline_is_complete_and_agrees_with_portal_and_mailbox(story: Story) -> None:
    story.hook(triggers=LISTENED)
    story.before_the_classifier_runs()
    story.running.workers["classifier"].start()
    story.before_the_mover_runs()
    story.running.workers["mover"].start()
    story.with_all_workers()

    assert story.ids.keys() == FATES.keys()
    for title, fate in FATES.items():
        wait_until(
            lambda file=story.ids[title], fate=fate: complete(told(story.projector, file), fate),
            PATIENCE_S, f"all of {title}",
        )  # fmt: skip
    state = story.running.state()
    for title, fate in FATES.items():
        found = told(story.projector, story.ids[title])
        assert complete(found, fate), title
        assert [upload["state"] for upload in found] == list(fate.states), title
        assert fate.reason in (found[0]["reason"] or ""), title
        agrees_with_the_portal(found, state, story.ids[title], title)
        agrees_with_the_mailbox(found, state, title)
    (killed,) = [step for step in story.steps("killer") if step["outcome"] == "dead"]
    assert (killed["by"], killed["reason"]) == (BROKER, KILLED)
    assert [name(step) for step in story.steps("busy")].count("notifier retry") == SMTP_REFUSALS
    assert len(story.projector.ask("list", "--state", "failed")) == 3


def told(projector: Projector, file_id: int | str) -> list[dict[str, Any]]:
    """The uploads of a file with their steps, the last first."""
    found = projector.ask("timeline", str(file_id))
    return found if isinstance(found, list) else [found] if found else []


def steps_of(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [step for upload in found for step in upload["steps"]]


def name(step: dict[str, Any]) -> str:
    return f"{step['stage']} {step['outcome']}"


def complete(found: list[dict[str, Any]], fate: Fate) -> bool:
    retries = [step for step in steps_of(found) if step["outcome"] == "retry"]
    earnest = {step["stage"] for step in retries if "another worker" not in step["reason"]}
    others = [name(step) for step in steps_of(found) if step not in retries]
    return earnest == {fate.retried} - {""} and Counter(others) == Counter(fate.steps)


def agrees_with_the_portal(
    found: list[dict[str, Any]], state: dict[str, Any], file_id: int | str, title: str
) -> None:
    steps = steps_of(found)
    delivered = {
        d["event_id"]: when(d) for d in state["deliveries"] if d["file_id"] == file_id and d["status"] == 200
    }
    received = {int(step["event_id"]): when(step) for step in steps if step["event_id"] and name(step) == GOT}
    assert received.keys() == delivered.keys(), title
    assert all(received[event].timestamp() <= delivered[event].timestamp() for event in delivered), title

    moves = [move for move in state["moves"] if move["file_id"] == file_id]
    said = [step for step in steps if name(step) == MOVED]
    assert len(moves) == bool(said), title
    assert all(when(step) >= when(moves[0]) for step in said), title
    assert {move["to"] for move in moves} <= {INCOMING}
    lies_in = {file["id"]: file["folder_id"] for file in state["files"]}.get(file_id)
    assert (lies_in == INCOMING) is bool(said), title
    assert all((upload["state"] == "filed") <= (lies_in == INCOMING) for upload in found), title
    for step in steps:
        if name(step) == FOUND:
            assert (step["room"], step["file_id"], step["title"]) == (str(ROOM), str(file_id), title)


def agrees_with_the_mailbox(found: list[dict[str, Any]], state: dict[str, Any], title: str) -> None:
    mails = [mail for mail in state["mails"] if title in mail["subject"]]
    said = [step for step in steps_of(found) if name(step) == TOLD]
    assert len(mails) == len(said), title
    for mail, step in zip(mails, said, strict=True):
        assert step["correlation_id"][:8] in mail["text"], title
        assert when(step) >= when(mail), title
    assert bool(mails) is any(upload["state"] == "filed" for upload in found), title


def when(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["at"])
