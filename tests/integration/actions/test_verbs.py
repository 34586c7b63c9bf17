"""What a person can have done, with real workers, a real broker and a stand-in portal."""

import threading
import time
from dataclasses import replace

import pytest
import requests

from console.actions.ask import Actions
from console.actions.run import work_off
from console.actions.verb import BadFilterError
from console.reconcile.forever import WINDOW, note_of
from shared.store.actions.action import State
from shared.store.actions.put_away import PutAwayStore
from shared.store.sweeps.store import SweepStore
from simulator.portal import seed
from tests.integration.actions.conftest import ANNA, Desk
from tests.support.pipeline import INCOMING, ROOM
from tests.support.waiting import wait_until

SOMEBODY = "somebody@example.com"


def service_user_is(desk: Desk, role: str) -> None:
    url = f"{desk.pipeline.simulator.url}/simulator/rooms/{seed.CLIENT_ROOM}"
    requests.put(url, json={"service": role}, timeout=10).raise_for_status()


def dies(desk: Desk, title: str) -> str:
    """For want of a right; the id of the upload."""
    service_user_is(desk, "viewer")
    desk.pipeline.upload(title)
    upload_id = desk.is_so(title, "failed")
    service_user_is(desk, "manager")
    return upload_id


def test_the_mail_is_sent_once_more_and_the_timeline_says_who_wanted_it(desk: Desk) -> None:
    desk.pipeline.upload("Invoice again.pdf")
    upload_id = desk.is_so("Invoice again.pdf", "filed")
    done = desk.asks("announce again", {"ids": [upload_id], "why": "the manager deleted it"})
    assert (done.state, done.done, done.failed) == (State.DONE, 1, 0)
    wait_until(lambda: len(desk.pipeline.mails_about("Invoice again.pdf")) == 2, 60, "the second mail")
    wait_until(lambda: ("notifier", "replay") in desk.projector.story_of("Invoice again.pdf"), 60, "the step")
    steps = desk.projector.ask("timeline", upload_id)["steps"]
    (asked,) = [step for step in steps if step["outcome"] == "replay"]
    assert (asked["by"], asked["reason"]) == ("Anna (web)", "the manager deleted it")
    assert len(desk.pipeline.state()["moves"]) == 1


def test_an_upload_that_no_rule_takes_is_filed_where_a_person_says(desk: Desk) -> None:
    desk.pipeline.upload("Contract.pdf")
    upload_id = desk.is_so("Contract.pdf", "skipped")
    wanted = {"ids": [upload_id], "destination": str(INCOMING), "recipients": [SOMEBODY], "why": "it is one"}
    done = desk.asks("file anyway", wanted)
    assert (done.done, done.failed) == (1, 0)
    desk.is_so("Contract.pdf", "filed")
    (mail,) = desk.pipeline.mails_about("Contract.pdf")
    assert SOMEBODY in str(mail)
    steps = desk.projector.ask("timeline", upload_id)["steps"]
    (decided,) = [step for step in steps if step["outcome"] == "forward" and step["stage"] == "classifier"]
    assert (decided["by"], decided["reason"]) == ("Anna (web)", "it is one")


def test_what_cannot_be_asked_for_is_refused_with_what_is_missing(desk: Desk) -> None:
    for verb, filter_, missing in (
        ("announce again", {}, "say which uploads"),
        ("file anyway", {"ids": ["x"], "recipients": [SOMEBODY]}, "to which folder"),
        ("file anyway", {"ids": ["x"], "destination": "1"}, "who is to be told"),
        ("put away", {"reason": "locked"}, "why they are put away"),
        ("pause", {"stage": "mover", "why": "x"}, "until when"),
        ("pause", {"stage": "mover", "why": "x", "until": time.time() - 1}, "in the future"),
        ("pause", {"stage": "ingress", "why": "x", "until": time.time() + 60}, "no stage 'ingress'"),
        ("dance", {}, "no action 'dance'"),
        ("retry", {"reason": "no-such-thing"}, "nothing fits"),
    ):
        with pytest.raises(BadFilterError, match=missing):
            desk.asks(verb, filter_)


def test_a_letter_put_away_is_kept_and_is_a_dead_letter_again_when_taken_back(desk: Desk) -> None:
    upload_id = dies(desk, "Invoice away.pdf")
    done = desk.asks("put away", {"reason": "no-right", "why": "a test"})
    assert (done.done, done.failed) == (1, 0)
    desk.is_so("Invoice away.pdf", "skipped")
    store = PutAwayStore(desk.site.database_url)
    (kept,) = store.latest(9)
    assert (kept.stage, kept.title, kept.code, kept.why) == ("mover", "Invoice away.pdf", "no-right", "a test")
    desk.asks("take back", {"ids": [kept.id]})
    desk.is_so("Invoice away.pdf", "failed")
    assert store.latest(9) == []
    store.close()
    desk.asks("retry", {"reason": "no-right"})
    desk.is_so("Invoice away.pdf", "filed")
    told = [(step["outcome"], step["by"]) for step in desk.projector.ask("timeline", upload_id)["steps"]]
    assert told.count(("discard", "Anna (web)")) == 1
    assert told.count(("dead", "Anna (web)")) == 1
    assert told.count(("replay", "Anna (web)")) == 1


def test_a_paused_stage_takes_nothing_says_so_and_goes_on_when_resumed(desk: Desk) -> None:
    desk.asks("pause", {"stage": "mover", "why": "the folder is renamed", "until": time.time() + 3600})
    wait_until(lambda: "paused by Anna (web) until" in desk.pipeline.unready("mover"), 30, "the pause")
    desk.pipeline.upload("Invoice paused.pdf")
    desk.is_so("Invoice paused.pdf", "waiting")
    wait_until(lambda: ("classifier", "forward") in desk.projector.story_of("Invoice paused.pdf"), 60, "its step")
    problems = desk.projector.ask("problems")
    assert [each["cause"] for each in problems["problems"] if each["cause"].startswith("paused")] == [
        "paused:mover"
    ]
    restarted = desk.pipeline.workers["mover"]
    restarted.stop()
    restarted.start()
    wait_until(lambda: restarted.answers() and "paused by" in desk.pipeline.unready("mover"), 60, "the mover")
    assert desk.pipeline.mails_about("Invoice paused.pdf") == []
    desk.asks("resume", {"stage": "mover"})
    desk.is_so("Invoice paused.pdf", "filed")
    wait_until(lambda: desk.pipeline.unready("mover") == "", 30, "the mover to be ready")


def test_a_room_that_a_person_asks_for_is_looked_through_at_once(desk: Desk) -> None:
    with pytest.raises(BadFilterError, match="no reconciler has run on this broker"):
        desk.asks("look into room", {"room": str(ROOM)})
    reconciler = desk.process("console", "reconcile", "--every", "3600", "--grace", "0")
    try:
        wait_until(lambda: _swept(desk), 90, "the first round")
        hooks = desk.pipeline.simulator.webhooks
        (hook,) = hooks.by_id.values()
        hooks.put(replace(hook, enabled=False))
        desk.pipeline.upload("Invoice missed.pdf")
        hooks.put(hook)
        done = desk.asks("look into room", {"room": str(ROOM)})
        assert (done.done, done.failed) == (1, 0)
        desk.is_so("Invoice missed.pdf", "filed")
    finally:
        reconciler.terminate()
        reconciler.wait(30)


def _swept(desk: Desk) -> bool:
    """Whether a reconciler has made its first round."""
    store = SweepStore(desk.site.database_url)
    try:
        return note_of(store, WINDOW) is not None
    finally:
        store.close()


def test_a_background_thread_goes_on_with_whatever_was_asked_for(desk: Desk) -> None:
    dies(desk, "Invoice later.pdf")
    stop = threading.Event()
    thread = threading.Thread(target=work_off, args=(desk.site, stop.wait))
    with Actions(desk.site) as actions:
        action_id = actions.start(actions.prepare("retry", {"reason": "no-right"}), ANNA)
        thread.start()
        try:
            wait_until(lambda: _ended(actions, action_id), 60, "its end")
        finally:
            stop.set()
            thread.join(30)
    desk.is_so("Invoice later.pdf", "filed")


def _ended(actions: Actions, action_id: str) -> bool:
    found = actions.state(action_id)
    return found is not None and found.state is State.DONE


def test_each_action_stands_on_the_audit_with_its_result(desk: Desk) -> None:
    entries = desk.audit()
    assert {entry.who for entry in entries} == {"Anna"}
    assert {"announce again", "file anyway", "put away", "take back", "retry", "pause", "resume"} <= {
        entry.verb for entry in entries
    }
    assert all(entry.result and entry.result.startswith("done: ") for entry in entries)
