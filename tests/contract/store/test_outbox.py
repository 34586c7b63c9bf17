"""The outbox on both databases: who joins which window, what is sent when, and what is left of it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from shared.errors import TransientError
from shared.store.ledger import Done
from shared.store.ledger.rows import Claim
from shared.store.outbox import sending
from shared.store.outbox.joining import Place, When
from shared.store.outbox.tables import INVOICES, ITEMS, WINDOWS
from shared.store.outbox.window import State
from tests.support.outbox import ANNA, BEN, EVERY, LATER, NOW, QUIET_S, Desk, message


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    found = Desk(database_url)
    yield found
    found.close()


@pytest.fixture
def other(database_url: str) -> Iterator[Desk]:
    """Another process."""
    found = Desk(database_url)
    yield found
    found.close()


def at_once(*work: Callable[[], None]) -> None:
    """Each in a thread of its own; what one raises is raised here."""
    start = threading.Barrier(len(work))

    def do(each: Callable[[], None]) -> None:
        start.wait()
        each()

    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(do, each) for each in work]:
            done.result()


def test_two_at_the_same_time_join_one_window(desk, other):
    until = {desk.join("one"), other.join("two")}
    (waiting,) = desk.people.waiting(10)
    assert (waiting.name, waiting.scheme, waiting.count, waiting.state) == (
        "Anna@example.com",
        "mail",
        2,
        State.OPEN,
    )
    assert {waiting.due_at} == {min(until)} == {max(until)}
    assert [item.key for item in desk.people.items(waiting.id, 10)] == ["one", "two"]
    assert desk.people.items(waiting.id, 1)[0].message == message("one")


def test_each_channel_has_a_window_of_its_own_and_the_next_due_comes_first(desk):
    desk.join("one", ANNA)
    desk.join("one", BEN, When(lambda now, _: now + 50))
    assert [each.name for each in desk.people.waiting(10)] == [BEN.name, ANNA.name]
    assert [each.name for each in desk.people.waiting(1)] == [BEN.name]
    soon = desk.people.waiting(1)[0].due_at
    assert desk.people.waiting(10, before=soon) == []
    assert [each.name for each in desk.people.waiting(10, before=soon + 1)] == [BEN.name]


def test_what_joins_ends_its_claim_and_a_lost_claim_joins_nothing(desk):
    desk.join("one")
    assert desk.ledger.peek(f"one:{ANNA.channel}") == Done("outbox:one")
    desk.ledger.claim(f"two:{ANNA.channel}", 60)
    with pytest.raises(TransientError, match="taken the work over"):
        desk.join("two", claims=[Claim(f"two:{ANNA.channel}", "another's")])
    assert [each.count for each in desk.people.waiting(10)] == [1]


def test_of_forty_at_once_in_three_processes_one_is_told_and_the_others_wait(database_url, desk):
    desks = [desk, *(Desk(database_url) for _ in range(2))]
    answers: list[float | None] = []

    def one(number: int) -> None:
        answers.append(desks[number % 3].join(f"invoice {number}", when=EVERY))

    at_once(*(partial(one, number) for number in range(40)))
    for each in desks[1:]:
        each.close()
    assert len(answers) == 40
    assert answers.count(None) == 1
    (waiting,) = desk.people.waiting(10)
    assert waiting.count == 39
    assert len({until for until in answers if until is not None}) == 1


def test_what_was_decided_first_holds_whatever_the_rules_say_by_then(desk, other):
    assert desk.join("one", when=EVERY) is None
    assert other.join("one", when=LATER) is None
    until = desk.join("two", when=LATER)
    assert other.join("two", when=EVERY, claims=[]) == until
    assert [each.count for each in desk.people.waiting(10)] == [1]


def test_a_channel_is_quiet_after_a_message_as_long_as_the_first_wants(desk):
    assert desk.join("one", when=EVERY) is None
    until = desk.join("two", when=EVERY)
    assert until is not None
    assert desk.join("three", when=EVERY) == until
    (waiting,) = desk.people.waiting(10)
    assert desk.people.send_now(waiting.id)
    assert desk.sent() == [["two", "three"]]
    later = desk.join("four", when=EVERY)
    assert later is not None
    assert later > until - QUIET_S  # it counts from that message
    assert desk.people.waiting(10)[0].id != waiting.id


def test_a_window_that_is_shut_takes_no_more(desk, other):
    desk.join("one", when=NOW)
    (due,) = desk.sending.due()
    window = desk.sending.shut(due)
    assert window is not None
    other.join("two", when=NOW)
    again = other.sending.shut(due)
    assert again == window
    assert [item.key for item in window.items] == ["one"]
    assert [item.message for item in window.items] == [message("one")]
    assert desk.sending.shut("no such") is None
    desk.sending.sent(due)
    assert desk.sent() == [["two"]]


def test_a_window_is_due_as_soon_as_the_first_that_it_names(desk):
    desk.join("one", when=When(lambda now, _: now + 500))
    until = desk.join("two", when=LATER)
    assert until is not None
    assert [each.due_at for each in desk.people.waiting(10)] == [until]
    assert desk.join("three", when=When(lambda now, _: now + 500)) == until


def test_what_one_process_publishes_no_other_does_unless_it_died(desk, other, monkeypatch):
    desk.join("one", when=NOW)
    desk.join("two", BEN, when=LATER)
    assert len(desk.sending.due()) == 1
    assert other.sending.due() == []
    monkeypatch.setattr(sending, "OFFER_S", -1.0)
    desk.join("three", Place("carl", "slack", "carl"), when=NOW)
    (offered,) = desk.sending.due()
    assert other.sending.due() == [offered]
    other.sending.published([offered])
    assert desk.sending.due() == []


def test_what_nobody_took_up_is_published_again_and_what_was_taken_up_is_not(desk, other, monkeypatch):
    desk.join("one", when=NOW)
    desk.sending.published(desk.sending.due())
    assert desk.sending.due() == []
    monkeypatch.setattr(sending, "AGAIN_S", -1.0)
    monkeypatch.setattr(sending, "OFFER_S", -1.0)
    (again,) = other.sending.due()
    other.sending.published([again])
    desk.sending.shut(again)
    assert desk.sending.due() == other.sending.due() == []


def test_when_the_next_is_due_is_known(desk):
    assert desk.sending.next_in_s() is None
    desk.join("one", when=LATER)
    assert 90 < (desk.sending.next_in_s() or 0) <= 100
    desk.join("two", BEN, when=NOW)
    assert desk.sending.next_in_s() == 0
    desk.sending.published(desk.sending.due())
    assert 90 < (desk.sending.next_in_s() or 0) <= 100


def test_sending_now_makes_it_due_and_repeating_that_changes_nothing(desk):
    desk.join("one")
    (waiting,) = desk.people.waiting(10)
    assert desk.people.send_now(waiting.id)
    due_at = desk.people.waiting(10)[0].due_at
    assert desk.people.send_now(waiting.id)
    assert desk.people.waiting(10)[0].due_at == due_at
    assert desk.sending.due() == [waiting.id]
    desk.sending.shut(waiting.id)
    desk.sending.sent(waiting.id)
    assert not desk.people.send_now(waiting.id)
    assert not desk.people.send_now("no such")
    assert desk.people.waiting(10) == []


def test_a_window_whose_message_is_gone_comes_anew_when_a_person_sends_it_now(desk):
    desk.join("one", when=NOW)
    (due,) = desk.sending.due()
    desk.sending.published([due])
    desk.sending.shut(due)
    assert desk.sending.due() == []
    assert [each.state for each in desk.people.waiting(10)] == [State.CLOSED]
    assert desk.people.send_now(due)
    assert desk.sending.due() == [due]


def test_more_than_one_message_names_are_in_the_next_at_once(desk, monkeypatch):
    monkeypatch.setattr(sending, "MOST_ITEMS", 3)
    for number in range(8):
        desk.join(f"{number}", when=NOW)
    messages = desk.sent()
    assert sorted(map(len, messages)) == [2, 3, 3]
    assert sorted(name for names in messages for name in names) == [f"{number}" for number in range(8)]
    assert messages[0] == ["0", "1", "2"]


def test_everybody_was_told_once_the_last_window_of_an_invoice_is_sent(desk):
    for place in (ANNA, BEN):
        desk.join("one", place)
    desk.join("two")
    left = desk.joining.left("one", b"{}")
    assert sorted(left) == [ANNA.channel, BEN.channel]
    first, second = desk.people.waiting(10)
    for window in (first, second):
        assert desk.sending.ready() == []
        desk.sending.shut(window.id)
        for _ in range(2):
            desk.sending.sent(window.id)
    (ready,) = desk.sending.ready()
    assert (ready.key, ready.event, ready.message) == ("one", b"{}", message("one"))
    assert desk.sending.ready() == []  # offered to this process
    desk.sending.announced(["one"])
    assert {row["key"]: row["state"] for row in desk.rows(INVOICES)} == {"one": "announced", "two": "joining"}
    assert desk.joining.left("two", b"{}") == {}  # its handler goes on, and publishes by itself
    assert desk.joining.left("two", b"{}") == {}
    assert desk.sending.ready() == []


def test_an_invoice_waits_for_its_handler_too_not_for_its_windows_alone(desk):
    desk.join("one", when=NOW)
    desk.sent()
    assert desk.sending.ready() == []
    assert desk.joining.left("one", b"{}") == {}


def test_two_windows_of_the_same_invoices_sent_at_once_leave_none_unannounced(database_url, desk, other):
    names = [f"{number:02}" for number in range(60)]
    for place in (ANNA, BEN):
        for name in names if place is ANNA else reversed(names):
            desk.join(name, place, NOW)
    for name in names[:30]:
        desk.joining.left(name, b"{}")
    first, second = (due for due in desk.sending.due() if desk.sending.shut(due))
    told: list[str] = []
    at_once(
        lambda: desk.sending.sent(first),
        lambda: other.sending.sent(second),
        lambda: told.extend(name for name in names[30:] if desk.joining.left(name, b"{}") == {}),
    )
    ready = []
    while some := desk.sending.ready():
        ready += [each.key for each in some]
        desk.sending.announced([each.key for each in some])
    assert sorted(ready + told) == names


def test_what_waits_and_how_long_the_oldest_is_due_is_counted(desk):
    assert desk.sending.backlog() == sending.Backlog(0, 0.0)
    desk.join("one")
    desk.join("one", BEN, When(lambda now, _: now - 60))
    backlog = desk.sending.backlog()
    assert backlog.waiting == 2
    assert 60 <= backlog.overdue_s < 120
    desk.sent()
    assert desk.sending.backlog() == sending.Backlog(1, 0.0)


def test_what_was_sent_long_ago_is_deleted_and_what_waits_never(desk):
    assert desk.join("at once", when=EVERY) is None
    for name in ("sent", "sent too"):
        desk.join(name, BEN, NOW)
        desk.joining.left(name, b"{}")
    desk.join("waits")
    desk.sent()
    desk.sending.announced([each.key for each in desk.sending.ready()])
    assert desk.sending.prune(3600) == 0
    assert desk.sending.prune(-1) == 6  # an item at once; two items, their window and two invoices
    assert [row["key"] for row in desk.rows(ITEMS)] == [row["key"] for row in desk.rows(INVOICES)] == ["waits"]
    assert [row["state"] for row in desk.rows(WINDOWS)] == ["open"]
