"""Who is told later: once, in one message, whatever is delivered twice or changed meanwhile."""

import dataclasses
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from notifier.handler import handle
from notifier.ports import Ports
from shared.announcing.channels.channel import Tools
from shared.announcing.channels.table import ChannelsOf
from shared.announcing.tellings import DEFAULT, told_by_default
from shared.errors import PermanentError, TransientError
from shared.rules.digest import AtMostEvery, Digest
from shared.rules.model import RuleSet
from shared.rules.telling import Telling
from shared.store.outbox.outbox import Outbox
from shared.text.codes import Code
from shared.wire.events import DigestDue, DigestSent, InvoiceAnnounced, NotificationWaiting, encode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip
from tests.unit import test_notifier_handler as told_at_once
from tests.unit.test_notifier_handler import ANNA, BEN, filed

url, ledger, windows, post, chat, ports = (
    told_at_once.url, told_at_once.ledger, told_at_once.windows, told_at_once.post, told_at_once.chat,
    told_at_once.ports,
)  # fmt: skip
EVERY = AtMostEvery(900)


def telling(ports: Ports, digest: Digest, only: str = "") -> Ports:
    """So are all told, or `only` one of them."""

    def tellings(_rule: str, address: str) -> Telling:
        return dataclasses.replace(DEFAULT, digest=digest) if only in {"", address} else DEFAULT

    return dataclasses.replace(ports, tellings=tellings)


@pytest.fixture
def later(ports: Ports) -> Ports:
    return telling(ports, EVERY)


def upload(number: int, **changes: Any) -> Message:
    return filed(
        f"m-{number}", **{"file_id": number, "source_file_id": number, "title": f"{number}.pdf", **changes}
    )


def sent_now(ports: Ports, url: str) -> list[Outcome]:
    """All that waits is due, and handled."""
    people = Outbox(url)
    due = [window.id for window in people.waiting(100) if people.send_now(window.id)]
    people.close()
    return [handle(due_message(window), ports) for window in due]


def due_message(window: str) -> Message:
    body = encode(DigestDue(window=window))
    return Message(body=body, type="digest.due", message_id=f"due-{window}", correlation_id=window, timestamp=0)


def event_of(outcome: Outcome, kind: type) -> Any:
    assert isinstance(outcome, Forward), outcome
    assert isinstance(outcome.event, kind), outcome
    return outcome.event


def test_who_is_told_at_once_costs_no_statement_more(ports, windows, ledger):
    seen: list[str] = []
    for engine in (windows._database.engine, ledger.rows.engine):
        sa.event.listen(engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    handle(upload(1), ports)
    seen.clear()
    assert event_of(handle(upload(2), ports), InvoiceAnnounced)
    assert [sql.split(maxsplit=1)[0] for sql in seen] == ["INSERT"] * 4  # for each recipient a claim and its result
    assert not [sql for sql in seen if "outbox" in sql]


def test_the_first_is_told_at_once_and_the_next_wait_for_one_message(later, post, url):
    assert handle(upload(1), later) == Forward(
        InvoiceAnnounced(file_id=1, version=3, title="1.pdf", rule="acme", recipients=(ANNA, BEN))
    )
    for number in (2, 3):
        waiting = event_of(handle(upload(number), later), NotificationWaiting)
        assert (waiting.file_id, waiting.title, waiting.rule) == (number, f"{number}.pdf", "acme")
        assert (waiting.recipients, waiting.channels) == ((ANNA, BEN), ())
    assert len(post.sent) == 2
    assert {event_of(each, DigestSent).count for each in sent_now(later, url)} == {2}
    assert [recipient for recipient, _ in post.sent] == [ANNA, BEN, ANNA, BEN]
    assert [said.subject for said in post.said[2:]] == ["2 invoices"] * 2
    assert sent_now(later, url) == []


def test_a_message_that_is_delivered_again_joins_nothing_again(later, post, url):
    handle(upload(1), later)
    first = handle(upload(2), later)
    assert handle(upload(2), later) == first
    twin = handle(twin_of(upload(2)), later)
    assert twin == Skip("it waits to be told, by the message m-2", Code.WAITS_FOR_HOUR)
    sent_now(later, url)
    assert [said.subject for said in post.said[2:]] == ["Invoice filed: 2.pdf"] * 2
    assert isinstance(event_of(handle(upload(2), later), InvoiceAnnounced), InvoiceAnnounced)
    assert handle(twin_of(upload(2)), later) == Skip(
        "already announced, by the message m-2", Code.ALREADY_ANNOUNCED
    )
    assert len(post.sent) == 4


def twin_of(message: Message) -> Message:
    return msgspec.structs.replace(message, message_id="m-twin")


def test_one_who_waits_holds_up_no_other_and_everybody_hears_once_all_are_told(ports, post, chat, url, windows):
    later = telling(ports, EVERY, only=ANNA)
    handle(upload(1, rule="chatty"), later)
    waiting = event_of(handle(upload(2, rule="chatty"), later), NotificationWaiting)
    assert (waiting.recipients, waiting.channels) == ((ANNA,), ())
    assert [recipient for recipient, _ in post.sent] == [ANNA, BEN, BEN]
    assert len(chat.said) == 2
    assert windows.sending.ready() == []
    sent_now(later, url)
    (ready,) = windows.sending.ready()
    assert ready.message == upload(2, rule="chatty")
    assert b'"channels":["slack"]' in ready.event


def test_nobody_hears_before_one_who_was_not_told_is(ports, post, chat, url, windows):
    later = telling(ports, EVERY, only=ANNA)
    handle(upload(1, rule="chatty"), later)
    chat.trouble = TransientError("not now", code=Code.CHANNEL_REFUSED)
    assert isinstance(handle(upload(2, rule="chatty"), later), Retry)
    sent_now(later, url)
    assert windows.sending.ready() == []
    chat.trouble = None
    assert event_of(handle(upload(2, rule="chatty"), later), InvoiceAnnounced).file_id == 2
    assert windows.sending.ready() == []


def test_rules_that_change_meanwhile_tell_nobody_twice(ports, later, post, url):
    handle(upload(1), later)
    waiting = handle(upload(2), later)
    assert handle(upload(2), ports) == waiting
    assert len(post.sent) == 2
    assert event_of(handle(upload(3), ports), InvoiceAnnounced)
    assert event_of(handle(upload(3), later), InvoiceAnnounced)
    sent_now(ports, url)
    assert [said.subject for said in post.said] == [f"Invoice filed: {number}.pdf" for number in (1, 1, 3, 3, 2, 2)]


def test_an_override_repeats_what_was_told_and_not_what_waits(later, post, url):
    handle(upload(1), later)
    waiting = handle(upload(2), later)
    again = upload(2, override="o-1")
    assert isinstance(handle(again, later), Skip)
    sent_now(later, url)
    assert isinstance(waiting, Forward)
    assert len(post.sent) == 4
    assert event_of(handle(again, later), NotificationWaiting)
    sent_now(later, url)
    assert [said.subject for said in post.said[4:]] == ["Invoice filed: 2.pdf"] * 2
    assert len({key for _, key in post.sent}) == 6


def test_a_message_that_was_not_accepted_is_tried_again_and_names_the_same(later, post, url, ledger):
    for number in (1, 2):
        handle(upload(number), later)
    post.trouble = {
        ANNA: TransientError("451 later"),
        BEN: PermanentError("550 no such user"),
    }
    assert [type(each) for each in sent_now(later, url)] == [Retry, Dead]
    handle(upload(3), later)
    post.trouble.clear()
    outcomes = sent_now(later, url)
    assert [event_of(each, DigestSent).count for each in outcomes] == [1] * 4
    assert (
        sorted(said.subject for said in post.said[2:])
        == ["Invoice filed: 2.pdf"] * 2 + ["Invoice filed: 3.pdf"] * 2
    )


def test_a_window_that_was_sent_is_not_sent_again(later, post, url, ledger):
    for number in (1, 2):
        handle(upload(number), later)
    outcomes = sent_now(later, url)
    windows = [event_of(each, DigestSent).window for each in outcomes]
    for window in (*windows, "no such"):
        assert handle(due_message(window), later) == Skip(
            "what waited there was told already", Code.ALREADY_ANNOUNCED
        )
    assert len(post.sent) == 4


def test_a_crash_after_the_mail_server_took_it_sends_no_second(later, post, url, windows, monkeypatch):
    for number in (1, 2):
        handle(upload(number, recipients=(ANNA,)), later)
    monkeypatch.setattr(windows.sending, "sent", lambda _: (_ for _ in ()).throw(TransientError("killed")))
    with pytest.raises(TransientError, match="killed"):
        sent_now(later, url)
    monkeypatch.undo()
    assert event_of(sent_now(later, url)[0], DigestSent)
    assert len(post.sent) == 2


def test_a_channel_that_no_rule_has_any_more_waits_for_a_person(ports, later, post, chat, url):
    class Gone(ChannelsOf):
        def at(self, _scheme: str, _address: str, /) -> None:
            return None

    handle(upload(1), later)
    handle(upload(2), later)
    gone = dataclasses.replace(later, channels=Gone(RuleSet(rules=()), Tools(post)))
    assert {each.code for each in sent_now(gone, url) if isinstance(each, Dead)} == {Code.NOBODY_TO_TELL}
    assert len(sent_now(later, url)) == 2
    assert len(post.sent) == 4


def test_a_deputy_is_told_in_place_of_who_is_away_and_never_twice(later, post, url):
    away = {"yes": True}

    def deputy(address: str) -> str:
        return "carl@example.com" if address == ANNA and away["yes"] else address

    channels = ChannelsOf(RuleSet(rules=()), Tools(post), deputy)
    later = dataclasses.replace(later, channels=channels)
    handle(upload(1), later)
    handle(upload(2), later)
    assert [recipient for recipient, _ in post.sent] == ["carl@example.com", BEN]
    away["yes"] = False
    handle(upload(1), later)
    assert len(post.sent) == 2
    sent_now(later, url)
    assert sorted(recipient for recipient, _ in post.sent[2:]) == [ANNA, BEN]
    at_once = dataclasses.replace(later, tellings=told_by_default)
    handle(upload(4, recipients=(ANNA, "Carl@example.com")), at_once)
    away["yes"] = True
    handle(upload(5, recipients=(ANNA, "Carl@example.com")), at_once)
    assert [recipient for recipient, _ in post.sent[4:]] == [ANNA, "Carl@example.com", "Carl@example.com"]


def test_a_deputy_is_told_as_often_as_they_want_themselves(ports, post, url):
    channels = ChannelsOf(RuleSet(rules=()), Tools(post), lambda _: "carl@example.com")
    away = dataclasses.replace(telling(ports, EVERY, only=ANNA), channels=channels)
    for number in (1, 2):
        assert event_of(handle(upload(number, recipients=(ANNA,)), away), InvoiceAnnounced)
    back = telling(ports, EVERY, only="carl@example.com")
    deputy = dataclasses.replace(back, channels=channels)
    assert event_of(handle(upload(3, recipients=(ANNA,)), deputy), InvoiceAnnounced)
    assert event_of(handle(upload(4, recipients=(ANNA,)), deputy), NotificationWaiting).recipients == (ANNA,)
    sent_now(back, url)
    assert [recipient for recipient, _ in post.sent] == ["carl@example.com"] * 3 + [ANNA]  # who is back by then
