"""What is put, sent again and waited for until the portal's log proves the new secret; no second passes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from console.webhook import rotation
from console.webhook.proof import Clock, Pace, Proof, Prover
from shared.docspace.errors import ScopeMissingError
from shared.docspace.signature import sign
from shared.docspace.webhook_log import LogEntry

OLD, NEW = b"Old-Secret-1", b"New-Secret-2"
START = datetime(2026, 11, 30, tzinfo=UTC)


class Interrupted(Exception):  # noqa: N818 # Ctrl-C
    pass


@dataclass
class Delivery:
    id: int
    at: float
    takes_s: float
    secret: bytes | None = None
    """As it was when the delivery began."""
    ends: float | None = None
    ended: bool = False


@dataclass
class Portal:
    """One delivery at a time; the end of each writes back the secret that it began with."""

    now: float = 0.0
    secret: bytes = OLD
    takes_s: float = 1.0
    rows_: list[Delivery] = field(default_factory=list)
    puts: int = 0
    retried: list[int] = field(default_factory=list)
    hidden: bool = False
    shows_signatures: bool = True
    sleeps: int = 0
    interrupt_at: int = -1
    coming: list[float] = field(default_factory=list)
    """When further events come."""
    sent: list[bytes] = field(default_factory=list)

    def event(self, takes_s: float | None = None, at: float | None = None) -> int:
        number = len(self.rows_) + 1
        at = self.now if at is None else at
        self.rows_.append(Delivery(number, at, self.takes_s if takes_s is None else takes_s))
        return number

    def pass_time(self, seconds: float) -> None:
        self.sleeps += 1
        if self.sleeps == self.interrupt_at:
            raise Interrupted
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            while self.coming and self.coming[0] <= self.now:
                self.coming.pop(0)
                self.event()
            self._deliver()

    def _deliver(self) -> None:
        for row in self.rows_:
            if row.ended or row.takes_s < 0:  # lost at a restart
                continue
            if row.ends is None:
                row.secret, row.ends = self.secret, self.now + row.takes_s
            if self.now >= row.ends:
                row.ended, self.secret = True, row.secret or b""
                self.sent.append(self.secret)
            else:
                return

    def put(self) -> None:
        self.puts += 1
        self.secret = NEW

    def rows(self) -> list[LogEntry]:
        if self.hidden:
            raise ScopeMissingError("no", "*:read")
        return [self._entry(row) for row in reversed(self.rows_)]

    def retry(self, row_id: int) -> None:
        self.retried.append(row_id)
        self.event(at=self.rows_[row_id - 1].at)

    def _entry(self, row: Delivery) -> LogEntry:
        body = json.dumps({"event": {"id": row.id}}).encode()
        signature = sign(row.secret or b"", body) if row.ended and self.shows_signatures else None
        return LogEntry(
            id=row.id, happened_at=START + timedelta(seconds=row.at), body=body, signature=signature,
            waiting=not row.ended, delivered=row.ended,
        )  # fmt: skip


def prover(portal: Portal, say: Callable[[str], None] = lambda _: None) -> Prover:
    clock = Clock(lambda: portal.now, lambda: START + timedelta(seconds=portal.now), portal.pass_time)
    return Prover(portal, (OLD, NEW), say, Pace(), clock)


def quiet(**facts: object) -> Portal:
    """One event was delivered a while ago."""
    portal = Portal(**facts)  # type: ignore[arg-type]
    portal.event()
    portal.pass_time(400)
    portal.sleeps = 0
    return portal


def test_on_a_quiet_portal_the_newest_event_is_sent_again_to_prove_the_secret() -> None:
    portal = quiet()
    portal.event()
    portal.pass_time(5)
    assert prover(portal).run() is Proof.PROVEN
    assert (portal.puts, portal.retried, portal.sent[-1]) == (1, [2], NEW)


def test_an_event_that_comes_by_itself_serves_as_well() -> None:
    portal = quiet(coming=[403.0])
    assert prover(portal).run() is Proof.PROVEN
    assert portal.retried == []


def test_what_a_delivery_under_way_brings_back_is_put_again() -> None:
    portal = quiet(takes_s=7)
    portal.event()
    portal.pass_time(1)
    assert prover(portal).run() is Proof.PROVEN
    assert portal.puts == 2
    portal.pass_time(60)
    assert portal.secret == NEW


def test_an_old_signature_after_the_put_is_no_proof_though_a_new_one_came_before_it() -> None:
    portal = quiet(takes_s=0.2)
    number = portal.event(30)
    portal.pass_time(1)

    def put() -> None:  # the portal's own answer is of the new secret, until the long delivery ends
        portal.puts += 1
        portal.secret = NEW

    portal.put = put  # type: ignore[method-assign]
    assert prover(portal).run() is Proof.PROVEN
    assert portal.rows_[number - 1].secret == OLD
    assert portal.puts == 2


def test_all_of_many_that_wait_are_waited_for_and_said() -> None:
    portal, said = quiet(takes_s=3), list[str]()
    for _ in range(10):
        portal.event()
    assert prover(portal, said.append).run() is Proof.PROVEN
    assert any(line.startswith("waiting for 10 of our events to be delivered, at most ") for line in said)
    portal.pass_time(60)
    assert portal.secret == NEW


def test_what_a_restart_of_the_portal_has_lost_is_not_waited_for_for_ever() -> None:
    portal = Portal()
    portal.event(-1)
    portal.event()
    portal.pass_time(400)
    assert prover(portal).run() is Proof.PROVEN


def test_a_delivery_that_does_not_end_is_no_proof_and_five_minutes_are_enough() -> None:
    portal = quiet()
    portal.event(3600)
    portal.pass_time(1)
    begun = portal.now
    assert prover(portal).run() is Proof.NOT_IN_TIME
    assert portal.now - begun <= 310


def test_old_events_that_wait_behind_a_backlog_are_no_proof_either() -> None:
    portal = quiet()
    for _ in range(5):
        portal.event(3600, at=-7200)
    assert prover(portal).run() is Proof.NOT_IN_TIME


def test_it_is_not_proven_during_a_stream_of_slow_deliveries_but_afterwards() -> None:
    portal = quiet(takes_s=5, coming=[400 + number * 4.0 for number in range(90)])
    portal.pass_time(10)
    assert prover(portal).run() is Proof.NOT_IN_TIME
    portal.pass_time(300)
    assert prover(portal).run() is Proof.PROVEN
    portal.pass_time(60)
    assert portal.secret == NEW


@pytest.mark.parametrize(
    ("portal", "proof"),
    [
        (Portal(), Proof.NO_ROW),
        (Portal(hidden=True), Proof.NOT_READABLE),
        (quiet(shows_signatures=False), Proof.NOT_READABLE),
    ],
    ids=["empty", "hidden", "no signatures"],
)
def test_where_the_log_cannot_tell_the_secret_is_put_and_nothing_is_claimed(portal: Portal, proof: Proof) -> None:
    assert prover(portal).run() is proof
    assert portal.puts == 1
    steps = rotation.end([OLD.decode(), NEW.decode()], proof)
    assert not steps.proven
    assert steps.env == "DOCSPACE_WEBHOOK_SECRET=Old-Secret-1,New-Secret-2"
    assert "call intake webhook rotate again" in steps.next
    assert "drop" not in steps.text


def test_only_a_proof_says_that_the_old_secret_goes() -> None:
    steps = rotation.end([OLD.decode(), NEW.decode()], Proof.PROVEN)
    assert (steps.proven, steps.env) == (True, "DOCSPACE_WEBHOOK_SECRET=New-Secret-2")
    assert all(
        not rotation.end(["Old-Secret-1", "b"], proof).proven for proof in Proof if proof is not Proof.PROVEN
    )


@pytest.mark.parametrize("interrupt_at", range(1, 11))
def test_interrupted_anywhere_and_called_again_it_ends_with_a_proof(interrupt_at: int) -> None:
    portal = quiet(takes_s=7)
    portal.event()
    portal.pass_time(1)
    portal.sleeps, portal.interrupt_at = 0, interrupt_at
    try:
        proof = prover(portal).run()
    except Interrupted:
        proof = prover(portal).run()
    portal.interrupt_at = -1
    assert proof is Proof.PROVEN
    portal.pass_time(60)
    assert portal.secret == NEW


def test_a_secret_that_is_given_while_nothing_is_under_way_lasts_without_an_event() -> None:
    for portal in (Portal(), quiet()):
        assert prover(portal).put_quietly()
        assert (portal.puts, portal.retried, portal.secret) == (1, [], NEW)


@pytest.mark.parametrize("at", [-1.0, 1.0])
def test_one_that_is_given_while_an_event_is_under_way_may_not_last(at: float) -> None:
    portal = quiet(takes_s=7)
    portal.coming = [portal.now + max(at, 0.2)]
    if at < 0:
        portal.pass_time(1)
    assert not prover(portal).put_quietly()
    assert prover(Portal(hidden=True)).put_quietly() is False
