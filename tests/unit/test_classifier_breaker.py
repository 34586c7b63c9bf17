"""A portal that stands still under the classifier: nobody ages, nothing is asked, and it goes on by itself."""

import json

import pytest

from classifier.__main__ import NEEDS
from classifier.handler import Ports, handle
from shared.docspace.client import Client
from shared.docspace.watch import hearing, standstill
from shared.runtime.breaker import Breaker
from shared.runtime.handling import outcome_of
from shared.runtime.ladder import Ladder
from shared.runtime.pause import Guard
from shared.runtime.settle import Settlement, Settler
from shared.wire.message import Message
from tests.support.recorded import RecordedPortal, Reply, recorded
from tests.support.waiting import wait_until
from tests.unit.test_classifier_handler import FILE, ROOM, RULES, SECTION, SUB, message

SUSPENDED = {"settings": recorded("more-settings-suspended")}
WELL = {"settings": recorded("more-settings-active"), "keys/@self": recorded("read-key-self")}
KEY_OFF = {"settings": WELL["settings"], "keys/@self": recorded("read-key-off-move")}
PROBLEM = recorded("more-portal-suspended-file")


def told(response: object) -> Reply:
    return Reply(200, json.dumps({"response": response}).encode(), "application/json")


FILES = {
    "people/@self": told({"id": "service"}),
    f"files/folder/{SUB}/path": told([{"id": SECTION}, {"id": ROOM, "title": "Acme"}, {"id": SUB}]),
    f"files/file/{FILE}": told({"id": FILE, "folderId": SUB, "title": "Invoice 1.pdf", "version": 1}),
}


class Classifier:
    """As its `__main__` puts it together, without a broker."""

    def __init__(self, url: str) -> None:
        self.breaker = Breaker(0.01, 0.02)
        self.portal = Client(url, "sk-1", pool_size=2, heard=hearing(self.breaker, *NEEDS))
        self.guard = Guard(self.breaker, lambda: standstill(self.portal, *NEEDS))
        ports = Ports(RULES, self.portal)
        self._handler = self.guard.unless_open(lambda received: handle(received, ports))
        self._settler = Settler("classifier", Ladder((5, 30), 60.0), app_id="classifier")

    def take(self, received: Message) -> Settlement:
        return self._settler.settle(received, outcome_of(self._handler, received), 0.0, paused=self.guard.open)


@pytest.fixture
def portal():
    portal = RecordedPortal()
    yield portal
    portal.close()


@pytest.mark.parametrize(
    ("state", "why"), [(SUSPENDED, "the portal is suspended"), (KEY_OFF, "the portal refuses our API key")]
)
def test_a_portal_at_a_standstill_opens_at_once_and_nobody_ages_or_dies_of_it(portal, state, why):
    classifier = Classifier(portal.url)
    portal.begin(PROBLEM, state)
    received = message()
    for _ in range(50):  # of two, an age of 60 s would make a dead letter
        settled = classifier.take(received)
        assert settled.kind == "retry"
        received = settled.publication.message
    assert why in str(classifier.guard.check())
    assert (received.waited_s, received.attempt) == (0.0, 2)
    assert len(portal.asked) <= 1 + 3  # the first question, and who answered it

    done: list[str] = []
    classifier.guard.start(lambda: done.append("paused"), lambda: done.append("resumed"))
    wait_until(lambda: len(portal.asked) > 9, 10, "some probes", every_s=0.005)
    assert done == ["paused"]
    portal.replies = WELL | FILES
    wait_until(lambda: done == ["paused", "resumed"], 10, "the work to go on", every_s=0.005)
    assert classifier.take(received).kind == "forward"


def test_a_needed_permission_is_waited_for_and_an_unneeded_one_is_not(portal):
    def key(*permissions: str) -> Reply:
        return told({"permissions": list(permissions)})

    classifier = Classifier(portal.url)
    no_self = FILES | {"people/@self": recorded("read-scope-self")}
    portal.begin(PROBLEM, WELL | no_self | {"keys/@self": key("files:read")})
    assert classifier.take(message()).kind == "forward"
    assert not classifier.guard.open
    no_files = {route: recorded("read-scope-file") for route in FILES}
    portal.begin(PROBLEM, WELL | no_files | {"keys/@self": key("rooms:read")})
    other = Classifier(portal.url)
    assert other.take(message()).kind == "retry"
    assert "lacks the permission files:read" in str(other.guard.check())


def test_a_portal_that_works_and_knows_no_such_file_skips_it_and_opens_nothing(portal):
    classifier = Classifier(portal.url)
    portal.begin(recorded("read-404-file"), WELL | {"people/@self": FILES["people/@self"]})
    for _ in range(20):
        settled = classifier.take(message())
        assert (settled.kind, settled.reason) == ("skip", "the file no longer exists")
    assert not classifier.guard.open
