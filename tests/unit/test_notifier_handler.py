"""Everyone is told once, whatever comes twice, fails or is at it already."""

import dataclasses
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier import claims
from notifier.handler import handle
from notifier.ports import Ports
from shared.announcing.channels.channel import Channel, Notice, Tools
from shared.announcing.channels.table import ChannelsOf
from shared.chat.pace import NotItsTurnError
from shared.errors import PermanentError, TransientError
from shared.rules.model import RuleSet
from shared.smtp.errors import NoMailNowError
from shared.store.ledger import Done, Free, Held, Ledger
from shared.store.ledger.leases import LEASE_S
from shared.store.outbox.windows import Windows
from shared.text.announcement import Announcement
from shared.text.codes import Code
from shared.wire.events import InvoiceAnnounced, InvoiceFiled, decode, encode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Retry, Skip, about
from tests.support.waiting import wait_until

ANNA, BEN = "anna@example.com", "ben@example.com"
WORK = "announce:default:42:3::77"


class Post:
    """A mail server's memory; `trouble` is raised for a recipient."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.said: list[Announcement] = []
        self.correlation_ids: list[str] = []
        self.given_s: list[float] = []
        self.trouble: dict[str, Exception] = {}

    def send(
        self, recipient: str, announcement: Announcement, *, key: str, correlation_id: str, within_s: float
    ) -> None:
        self.given_s.append(within_s)
        if recipient in self.trouble:
            raise self.trouble[recipient]
        self.sent.append((recipient, key))
        self.said.append(announcement)
        self.correlation_ids.append(correlation_id)


class Chat:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.others: list[str] = []
        self.trouble: Exception | None = None

    def send(self, notice: Notice) -> None:
        if self.trouble:
            raise self.trouble
        self.said.append(notice.texts.for_chat.subject)
        self.others += re.findall(r"Also to: +(.*)", notice.texts.for_chat.text)


class Chatty(ChannelsOf):
    """One rule has a further channel."""

    def __init__(self, post: Post, chat: Chat) -> None:
        super().__init__(RuleSet(rules=()), Tools(post))
        self._slack = Channel("slack", name="slack:0123", id="slack:0123", send=chat.send)

    def __call__(self, invoice: InvoiceFiled) -> tuple[Channel, ...]:
        return (*super().__call__(invoice), *([self._slack] if invoice.rule == "chatty" else []))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    ledger = Ledger(url, owner="notifier")
    yield ledger
    ledger.close()


@pytest.fixture
def windows(url: str) -> Iterator[Windows]:
    windows = Windows(url)
    yield windows
    windows.close()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def ports(ledger: Ledger, windows: Windows, post: Post, chat: Chat) -> Ports:
    return Ports("portal.example.com", ledger, windows, Chatty(post, chat))


def filed(message_id: str = "m-1", override: str = "", **changes) -> Message:
    facts = {
        "file_id": 77,
        "source_file_id": 42,
        "version": 3,
        "title": "Invoice.pdf",
        "rule": "acme",
        "destination": 900,
        "recipients": (ANNA, BEN),
    }
    body = encode(InvoiceFiled(**{**facts, **changes}))
    return Message(
        body=body,
        type="invoice.filed",
        message_id=message_id,
        correlation_id="corr-1",
        timestamp=0,
        override=override,
    )


def announced(*channels: str, rule: str = "acme") -> Forward:
    return Forward(
        InvoiceAnnounced(
            file_id=77, version=3, title="Invoice.pdf", rule=rule, recipients=(ANNA, BEN), channels=channels
        )
    )


def test_each_recipient_has_one_message_and_the_fact_goes_on(ports, post):
    assert handle(filed(), ports) == announced()
    assert post.sent == [(ANNA, f"{WORK}:{ANNA}"), (BEN, f"{WORK}:{BEN}")]
    assert post.said[0].subject == "Invoice filed: Invoice.pdf"
    assert post.correlation_ids == ["corr-1", "corr-1"]


def test_each_is_told_who_else_is(ports, post, chat):
    handle(filed(rule="chatty"), ports)
    others = [re.findall(r"Also to: +(.*)", said.text) for said in post.said]
    assert others == [[f"{BEN}, slack"], [f"{ANNA}, slack"]]
    assert chat.others == [f"{ANNA}, {BEN}".replace("@", "@\u200b")]


def test_an_override_tells_everyone_once_more_under_a_key_of_its_own_and_never_twice(ports, post, chat):
    handle(filed(rule="chatty"), ports)
    for _ in range(2):  # redelivered
        assert handle(filed(rule="chatty", override="o-1"), ports) == announced("slack", rule="chatty")
    assert isinstance(handle(filed("m-2", rule="chatty", override="o-1"), ports), Skip)
    assert post.sent[2:] == [(ANNA, f"{WORK}:{ANNA}:o-1"), (BEN, f"{WORK}:{BEN}:o-1")]
    assert len(chat.said) == 2
    handle(filed(rule="chatty", override="o-2"), ports)
    assert len(post.sent) == 6


def test_an_override_of_what_was_never_told_tells_once_and_leaves_nothing_for_a_twin(ports, post):
    for _ in range(2):
        assert handle(filed(override="o-1"), ports) == announced()
    assert isinstance(handle(filed("m-2"), ports), Skip)
    assert post.sent == [(ANNA, f"{WORK}:{ANNA}"), (BEN, f"{WORK}:{BEN}")]


def test_the_channels_of_the_rule_are_told_too(ports, chat):
    assert handle(filed(rule="chatty"), ports) == announced("slack", rule="chatty")
    assert chat.said == ["Invoice filed: Invoice.pdf"]


def test_the_next_file_of_one_name_in_third_party_storage_is_announced_too(ports, post):
    path = "sbox-12-|Invoice.pdf"
    first = handle(filed("m-1", source_file_id=path, file_id=77, version=1), ports)
    second = handle(filed("m-2", source_file_id=path, file_id=78, version=1), ports)
    assert isinstance(first, Forward)
    assert isinstance(second, Forward)
    assert len(post.sent) == 4


def test_the_same_message_again_tells_nobody_and_forwards_again(ports, post, chat):
    handle(filed(rule="chatty"), ports)
    assert handle(filed(rule="chatty"), ports) == announced("slack", rule="chatty")
    assert (len(post.sent), len(chat.said)) == (2, 1)


def test_another_message_about_the_same_upload_is_skipped(ports, post):
    handle(filed("m-1"), ports)
    skipped = handle(filed("m-2"), ports)
    assert skipped == Skip("already announced, by the message m-1", Code.ALREADY_ANNOUNCED)
    assert skipped.about == about(decode(filed("m-2").body, InvoiceFiled))
    assert len(post.sent) == 2


def test_a_new_version_of_the_file_is_announced(ports, post):
    handle(filed("m-1"), ports)
    assert isinstance(handle(filed("m-2", version=4), ports), Forward)
    assert len(post.sent) == 4


def test_an_address_in_other_letters_is_the_same_recipient(ports, post):
    handle(filed(recipients=(ANNA, ANNA.upper())), ports)
    assert [recipient for recipient, _ in post.sent] == [ANNA]


def test_a_passing_failure_of_one_stops_no_other_and_is_tried_again(ports, post):
    post.trouble[ANNA] = TransientError("451 later", code=Code.MAIL_LATER, retry_after_s=40)
    assert handle(filed(), ports) == Retry(f"not told: {ANNA} (451 later)", Code.MAIL_LATER, 40)
    assert [recipient for recipient, _ in post.sent] == [BEN]
    post.trouble.clear()
    assert handle(filed(), ports) == announced()
    assert [recipient for recipient, _ in post.sent] == [BEN, ANNA]


def test_a_lasting_refusal_of_one_stops_no_other_and_waits_for_a_person(ports, post):
    post.trouble[ANNA] = PermanentError("550 no such user", code=Code.MAIL_REFUSED)
    assert handle(filed(), ports) == Dead(f"not told: {ANNA} (550 no such user)", Code.MAIL_REFUSED)
    assert [recipient for recipient, _ in post.sent] == [BEN]
    post.trouble.clear()
    assert handle(filed(), ports) == announced()


def test_who_can_still_be_told_is_told_before_the_message_is_dead(ports, post):
    post.trouble = {
        ANNA: PermanentError("550 no such user", code=Code.MAIL_REFUSED),
        BEN: TransientError("451 later", code=Code.MAIL_LATER),
    }
    assert handle(filed(), ports) == Retry(
        f"not told: {ANNA} (550 no such user); {BEN} (451 later)", Code.MAIL_LATER
    )
    del post.trouble[BEN]
    assert handle(filed(), ports) == Dead(f"not told: {ANNA} (550 no such user)", Code.MAIL_REFUSED)
    assert [recipient for recipient, _ in post.sent] == [BEN]


def test_a_channel_that_fails_is_named_without_its_url(ports, chat, post):
    chat.trouble = TransientError("the channel slack did not accept the message", code=Code.CHANNEL_REFUSED)
    assert handle(filed(rule="chatty"), ports) == Retry(
        "not told: slack:0123 (the channel slack did not accept the message)", Code.CHANNEL_REFUSED
    )
    assert len(post.sent) == 2


def test_a_chat_whose_turn_has_not_come_is_told_later_and_no_try_is_counted(ports, chat, post):
    chat.trouble = NotItsTurnError("it takes one message every 3 s", retry_after_s=40.0)
    outcome = handle(filed(rule="chatty"), ports)
    assert isinstance(outcome, Retry)
    assert (outcome.code, outcome.not_before_s) == (Code.CHANNEL_BUSY, 40.0)
    assert (outcome.untried, outcome.ages) == (True, False)
    post.trouble[BEN] = TransientError("later", code=Code.MAIL_LATER)
    outcome = handle(filed("m-2", version=4, rule="chatty"), ports)
    assert isinstance(outcome, Retry)
    assert (outcome.untried, outcome.ages) == (False, True)


def test_who_is_being_told_by_another_worker_is_waited_for_and_the_others_are_told(ports, post, ledger):
    ledger.claim(f"{WORK}:{ANNA}", LEASE_S)
    outcome = handle(filed(), ports)
    assert isinstance(outcome, Retry)
    assert outcome.reason == f"not told: {ANNA} (another worker is at it)"
    assert (outcome.not_before_s, outcome.untried, outcome.ages) == (None, True, False)
    assert [recipient for recipient, _ in post.sent] == [BEN]


def test_a_worker_that_died_at_it_is_followed_by_another(ports, post, ledger):
    ledger.claim(f"{WORK}:{ANNA}", 0)
    assert handle(filed(), ports) == announced()
    assert len(post.sent) == 2


def test_the_ledger_remembers_which_message_told_whom(ports, ledger):
    handle(filed("m-7"), ports)
    assert ledger.peek(f"{WORK}:{ANNA}") == Done("m-7")


def test_a_failure_leaves_no_claim_behind(ports, post, ledger):
    post.trouble = {ANNA: TransientError("later"), BEN: PermanentError("never")}
    handle(filed(), ports)
    assert ledger.peek(f"{WORK}:{ANNA}") == ledger.peek(f"{WORK}:{BEN}") == Free()


@pytest.mark.parametrize("bug", [RuntimeError("bug"), OSError("bug"), RecursionError("bug")])
def test_a_bug_while_telling_one_stops_no_other_and_leaves_no_claim(ports, post, ledger, chat, bug):
    post.trouble[ANNA] = bug
    outcome = handle(filed(rule="chatty"), ports)
    assert outcome == Retry(f"not told: {ANNA} (unexpected {type(bug).__name__}: bug)", Code.UNEXPECTED)
    assert [recipient for recipient, _ in post.sent] == [BEN]
    assert chat.said == ["Invoice filed: Invoice.pdf"]
    assert ledger.peek(f"{WORK}:{ANNA}") == Free()


def test_a_claim_is_released_where_the_process_is_interrupted_while_it_sends(ports, post, ledger):
    post.trouble[ANNA] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        handle(filed(), ports)
    assert ledger.peek(f"{WORK}:{ANNA}") == Free()


def test_a_claim_is_held_until_it_is_recorded_that_they_were_told(ports, ledger, monkeypatch):
    found = []

    def complete(key: str, result: str) -> None:
        found.append(ledger.peek(key))
        record(key, result)

    record = ledger.complete
    monkeypatch.setattr(ledger, "complete", complete)
    assert isinstance(handle(filed(), ports), Forward)
    assert [type(each) for each in found] == [Held, Held]


def test_a_send_that_outlasts_its_lease_keeps_its_claim(ports, post, ledger, monkeypatch):
    monkeypatch.setattr(claims, "LEASE_S", 0.3)
    others = []

    def slow(recipient: str, announcement: Announcement, *, key: str, correlation_id: str, within_s: float) -> None:
        began = time.monotonic()
        wait_until(lambda: time.monotonic() > began + 1, timeout_s=30, what="three leases to pass")
        others.append(ledger.claim(key, LEASE_S))

    monkeypatch.setattr(post, "send", slow)
    assert handle(filed(), ports) == announced()
    assert [type(claim) for claim in others] == [Held, Held]


def test_what_the_server_says_of_every_mail_is_asked_once_for_all_recipients(ports, post, chat):
    post.trouble = {ANNA: NoMailNowError("550 5.4.5 daily limit"), BEN: AssertionError("asked again")}
    outcome = handle(filed(rule="chatty"), ports)
    assert outcome == Retry(
        f"not told: {ANNA} (550 5.4.5 daily limit); {BEN} (550 5.4.5 daily limit)", Code.MAIL_UNAVAILABLE
    )
    assert chat.said == ["Invoice filed: Invoice.pdf"]


def test_who_was_told_already_is_not_named_where_no_mail_leaves_now(ports, post):
    post.trouble[ANNA] = TransientError("451 later")
    handle(filed(), ports)
    post.trouble = {ANNA: NoMailNowError("no server")}
    assert handle(filed(), ports) == Retry(f"not told: {ANNA} (no server)", Code.MAIL_UNAVAILABLE)


def test_who_comes_when_little_time_is_left_is_told_at_the_next_attempt(ports, post, chat):
    now = iter([0.0, 0.0, 40.0, 40.0, 100.0, 100.0, 110.0])
    timed = dataclasses.replace(ports, clock=lambda: next(now))
    assert handle(filed(rule="chatty"), timed) == Retry(
        f"not told: {BEN} (no time was left: telling the others took too long); "
        "slack:0123 (no time was left: telling the others took too long)",
        Code.OUT_OF_TIME,
    )
    assert [recipient for recipient, _ in post.sent] == [ANNA]
    assert handle(filed(rule="chatty"), timed) == announced("slack", rule="chatty")
    assert [recipient for recipient, _ in post.sent] == [ANNA, BEN]
    assert post.given_s == [60.0, 60.0]


def test_an_event_that_cannot_be_read_is_dead_and_names_the_field(ports):
    message = Message(body=b"{}", type="invoice.filed", message_id="m", correlation_id="c", timestamp=0)
    outcome = handle(message, ports)
    assert isinstance(outcome, Dead)
    assert "file_id" in outcome.reason


def test_an_invoice_that_nobody_is_to_know_of_waits_for_a_person(ports):
    outcome = handle(filed(recipients=(), rule="renamed"), ports)
    assert outcome == Dead(
        'nobody to tell: no recipient, and the rule "renamed" has no channel here', Code.NOBODY_TO_TELL
    )


def test_nobody_is_told_while_the_ledger_is_down(ports, post, tmp_path):
    (tmp_path / "file").touch()
    down = Ledger(f"sqlite:///{tmp_path}/file/ledger.db", owner="notifier")
    with pytest.raises(TransientError, match="the ledger cannot be reached"):
        handle(filed(), dataclasses.replace(ports, ledger=down))
    assert post.sent == []
