"""The simulator's deliveries on a clock that moves by ten seconds at each look; nothing is sent."""

import itertools
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from simulator.api.reading import Reading
from simulator.outgoing.delivery import Courier
from simulator.outgoing.payload import Event
from simulator.outgoing.webhook_model import Told, Webhook
from simulator.outgoing.webhooks import Webhooks
from simulator.portal import seed

START = datetime(2026, 1, 1, tzinfo=UTC)
WRONG = Told("{}", "", status=500, error="Response status code does not indicate success: 500.")
RIGHT = Told("{}", "", status=200)
EVERYBODY = Reading(readable=True)


class Clock:
    def __init__(self):
        self.steps = itertools.count()
        self.later = timedelta()

    def now(self):
        return START + self.later + timedelta(seconds=10 * next(self.steps))


class Post(Courier):
    """Answers from a list, and keeps what was sent."""

    def __init__(self, webhooks, answers):
        super().__init__(webhooks, threading.Event(), retry_base_s=0)
        self.answers: Iterator[Told] = iter(answers)
        self.sent = []
        self.written = []
        """What the log and the webhook said when each attempt was made."""

    def _answered(self, hook: Webhook, body: bytes) -> Told:
        self.sent.append(json.loads(body))
        rows = [row.request_headers for row in self._webhooks.log.values()]
        self.written.append((rows, self._webhooks.get(hook.id).last_failure_on))
        return next(self.answers)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hooks(clock):
    hooks = Webhooks(clock.now)
    hooks.add(seed.SERVICE.id, "ours", "http://host/", "Secret-123", 0)
    return hooks


def publish(hooks, trigger="file.uploaded", reading=EVERYBODY):
    payload = {"id": 1, "shareRecord": None, "access": None}
    hooks.publish(Event(trigger, seed.CLIENT.id, START, payload), lambda _: reading)


def test_each_attempt_tells_when_the_one_before_it_was_made(hooks):
    publish(hooks)
    post = Post(hooks, [WRONG, WRONG, WRONG, RIGHT])
    post.deliver(hooks.take(1)[0])
    told = [body["webhook"] for body in post.sent]
    assert "retryOn" not in told[0]
    assert [one["lastFailureOn"] for one in told[2:]] == [one["retryOn"] for one in told[1:3]]
    assert [one["retryCount"] for one in told[1:]] == [1, 2, 3]


def test_nothing_is_written_down_between_two_attempts(hooks):
    publish(hooks)
    post = Post(hooks, [WRONG] * 6)
    post.deliver(hooks.take(1)[0])
    assert post.written == [([""], None)] * 6
    assert [row.request_headers for row in hooks.log.values()] == ["{}"]


def test_only_this_deliverys_failures_and_the_last_success_before_it_are_told(hooks):
    publish(hooks)
    Post(hooks, [WRONG] * 6).deliver(hooks.take(1)[0])
    (hook,) = hooks.by_id.values()
    assert hook.last_failure_on is not None
    publish(hooks)
    post = Post(hooks, [WRONG, RIGHT])
    post.deliver(hooks.take(1)[0])
    assert "lastFailureOn" not in post.sent[0]["webhook"]
    assert "lastSuccessOn" not in post.sent[1]["webhook"]  # there was none yet


def test_days_of_failures_switch_it_off_but_days_of_timeouts_do_not(hooks, clock):
    publish(hooks)
    publish(hooks)
    clock.later = timedelta(days=4)
    late = Told("{}", "", status=500, error="The request was canceled", late=True)
    Post(hooks, [late] * 6).deliver(hooks.take(1)[0])
    assert [hook.enabled for hook in hooks.by_id.values()] == [True]
    Post(hooks, [WRONG] * 6).deliver(hooks.take(1)[0])
    assert [hook.enabled for hook in hooks.by_id.values()] == [False]


def test_events_are_matched_with_a_copy_that_an_hour_renews_not_a_write_back(hooks, clock):
    (hook,) = hooks.by_id.values()
    publish(hooks)
    row = hooks.take(1)[0]
    begun = hooks.begin(row)
    hooks.put(Webhook(**{**vars(hook), "enabled": False}))
    hooks.end(row, begun, RIGHT)
    assert hooks.get(hook.id).enabled
    publish(hooks)
    assert hooks.waiting() == 0
    clock.later = timedelta(hours=2)
    publish(hooks)
    assert hooks.waiting() == 1


def test_the_status_of_a_webhook_is_that_of_its_last_success_else_of_any_row(hooks):
    (hook,) = hooks.by_id.values()
    assert hooks.status(hook.id) == 0
    publish(hooks)
    Post(hooks, [WRONG] * 6).deliver(hooks.take(1)[0])
    assert hooks.status(hook.id) == 500
    publish(hooks)
    Post(hooks, [RIGHT]).deliver(hooks.take(1)[0])
    publish(hooks)
    Post(hooks, [WRONG] * 6).deliver(hooks.take(1)[0])
    assert hooks.status(hook.id) == 200


def test_a_member_passes_the_right_on_to_who_has_none_and_an_owner_does_not(hooks):
    hooks.add(seed.NO_RIGHTS.id, "stranger", "http://host/s", "Secret-123", 0)
    member = Reading(readable=True, access=9, share={"share": 9})
    owner, stranger = Reading(readable=True), Reading(readable=False, access=3)
    for first, told, access in ((member, ["ours", "stranger"], 9), (owner, ["ours"], 3), (stranger, [], 3)):
        by_user = {seed.SERVICE.id: first, seed.NO_RIGHTS.id: stranger}
        payload = {"id": 1, "shareRecord": None, "access": None}
        hooks.publish(Event("file.created", seed.CLIENT.id, START, payload), by_user.__getitem__)
        rows = hooks.take(10)
        assert [row.to.name for row in rows] == told
        assert {row.event.payload["access"] for row in rows} <= {access}
