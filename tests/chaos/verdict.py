"""Compares what was uploaded with what the portal and the mailbox hold, upload by upload. Pure.

It believes the simulator's own records (files, moves, deliveries, mails) and the dead queues, and none of the
product's logs or tables.
"""

import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.expected import Expected, Identity, Uploaded, expected, identity
from tests.chaos.mails import named_in
from tests.chaos.storm import Done
from tests.chaos.sweeping import Injected

ACCEPT_TO_RECORD = timedelta(seconds=5)
"""The mail server's accept and our record of it are milliseconds apart, or seconds on a machine that is busy. Only
who was killed, or which ledger was lost, within this time of a mail may have sent it again."""

CLOCKS = timedelta(seconds=1)
"""A mail is dated when the server has read it, a kill when it was asked for."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    queue: str
    file_id: int | str | None
    reason: str


@dataclass(slots=True)
class Verdict:
    uploads: int = 0
    answered: int = 0
    """At least one webhook of the upload was answered 2xx."""
    never_accepted: int = 0
    by_sweep: int = 0
    """Filed, sent in by a sweep, and no webhook of it was ever answered 2xx."""
    called_missed_early: int = 0
    """A sweep said that no webhook had brought them, and then one did. None of them may be done twice."""
    called_missed_late: int = 0
    """And of these one had, before: they were waiting for their turn."""
    filed: int = 0
    withdrawn: int = 0
    """Files that somebody deleted before they were told."""
    ids_again: int = 0
    """Files that had the id of one before them."""
    moved_for_another: int = 0
    """No invoices, moved in the place of one that was purged a moment before the move was sent: they had its id. No
    client can tell them apart then (docs/explanation/decisions.md)."""
    announced: int = 0
    skipped: int = 0
    dead: list[DeadLetter] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    moved_twice: list[str] = field(default_factory=list)
    announced_twice: list[str] = field(default_factory=list)
    repeated_in_window: list[str] = field(default_factory=list)
    """The same mail again, with the same Message-ID, next to a crash that explains it."""
    wrong: list[str] = field(default_factory=list)
    """Non-invoices that were moved, mails about nothing that was filed, a sweep that failed."""
    waiting: dict[str, int] = field(default_factory=dict)
    latencies_s: list[float] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        named = {
            "lost": self.lost,
            "moved twice": self.moved_twice,
            "announced twice": self.announced_twice,
            "wrong": self.wrong,
            "dead": [f"{letter.file_id} in {letter.queue}: {letter.reason}" for letter in self.dead],
            "still waiting": [f"{count} in {queue}" for queue, count in self.waiting.items()],
        }
        return [f"{name}: {fault}" for name, faults in named.items() for fault in faults]

    def percentile_s(self, percent: int) -> float:
        if len(self.latencies_s) < 2:
            return self.latencies_s[0] if self.latencies_s else 0.0
        return statistics.quantiles(self.latencies_s, n=100)[percent - 1]


def judge(
    uploaded: Sequence[Uploaded],
    state: dict[str, Any],
    dead: Sequence[DeadLetter],
    storm: Sequence[Done],
    *,
    incoming: int,
    purged: Collection[Identity] = (),
    withdrawn: Collection[Identity] = (),
    waiting: dict[str, int] | None = None,
    swept: bool = False,
    injected: Sequence[Injected] = (),
) -> Verdict:
    """`state` is what the simulator answers to GET /simulator/state.

    `purged` was deleted when it was filed and told, `withdrawn` before: whether that is filed or told is open.
    `swept`: a sweep had to find what no webhook told us of. `injected`: what sweeps said that they sent in.
    """
    verdict = Verdict(uploads=len(uploaded), dead=list(dead), waiting=waiting or {})
    of_all = _Judge(
        verdict, state, storm, incoming=incoming, purged=purged, withdrawn=withdrawn, swept=swept, injected=injected
    )
    by_file = expected(uploaded, state["deliveries"])
    of_all.judge(by_file)
    for one in by_file.values():
        _called_missed(verdict, one, injected)
    return verdict


def _called_missed(verdict: Verdict, one: Expected, injected: Sequence[Injected]) -> None:
    at = [sent.at for sent in injected if (sent.file_id, sent.title) == (one.file.file_id, one.title)]
    if at and one.accepted_at is not None:
        verdict.called_missed_early += one.accepted_at > min(at)
        verdict.called_missed_late += one.accepted_at <= min(at)


class _Judge:
    def __init__(
        self,
        verdict: Verdict,
        state: dict[str, Any],
        storm: Sequence[Done],
        *,
        incoming: int,
        purged: Collection[Identity],
        withdrawn: Collection[Identity],
        swept: bool,
        injected: Sequence[Injected],
    ) -> None:
        self._verdict = verdict
        self._storm = storm
        self._swept = swept
        self._injected = {(sent.file_id, sent.title) for sent in injected}
        self._moves: dict[Identity, list[dict[str, Any]]] = defaultdict(list)
        for move in state["moves"]:
            self._moves[identity(move)].append(move)
        self._mails: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for mail in state["mails"]:
            for named, times in Counter(named_in(mail)).items():
                self._mails[named].append(mail | {"times": times})
        inside = (identity(file, "id") for file in state["files"] if file["folder_id"] == incoming)
        self._filed = {*inside, *purged, *withdrawn}
        self._withdrawn = frozenset(withdrawn)
        self._dead = {str(letter.file_id) for letter in verdict.dead}

    def judge(self, by_file: dict[Identity, Expected]) -> None:
        verdict = self._verdict
        verdict.withdrawn = len(self._withdrawn)
        own = [file.file_id for file in by_file if isinstance(file.file_id, int)]
        verdict.ids_again = len(own) - len(set(own))
        for file, one in by_file.items():
            verdict.answered += len(one.accepted)
            verdict.never_accepted += len(one.uploads) - len(one.accepted)
            moved = self._moves.pop(file, [])
            if one.is_invoice:
                self._invoice(one, moved)
            elif len(moved) == 1 and self._has_the_id_of_a_withdrawn(file):
                verdict.moved_for_another += 1
            elif moved:
                verdict.wrong.append(f"{one} is no invoice and was moved")
            else:
                verdict.skipped += len(one.accepted)
        verdict.wrong += [
            f"a mail about file {id_ or '?'} {title}, which no upload became" for id_, title in self._mails
        ]
        verdict.wrong += [f"file {file.file_id} was moved, and nobody uploaded it" for file in self._moves]

    def _has_the_id_of_a_withdrawn(self, file: Identity) -> bool:
        return any(gone.file_id == file.file_id and gone.created < file.created for gone in self._withdrawn)

    def _invoice(self, one: Expected, moved: list[dict[str, Any]]) -> None:
        verdict = self._verdict
        if len(moved) > 1:
            verdict.moved_twice.append(f"{one}: {len(moved)} moves")
        if not moved or Identity(moved[0]["new_file_id"], one.file.created) not in self._filed:
            self._missing(one, "was not filed")
            return
        verdict.filed += len(one.accepted)
        verdict.by_sweep += not one.accepted and (one.file.file_id, one.title) in self._injected
        named = str(moved[0]["new_file_id"]), one.title
        about = sorted(self._mails.pop(named, []), key=lambda mail: str(mail["at"]))
        if not about:
            self._missing(one, "was filed and not announced")
            return
        if _time(about[-1]["at"]) < one.last_at:
            self._missing(one, "got a new version that was not announced")
        else:
            verdict.announced += len(one.accepted)
        told_at = _time(about[0]["at"])
        if one.accepted_at is not None and told_at >= one.accepted_at:  # else a sweep was sooner
            verdict.latencies_s.append((told_at - one.accepted_at).total_seconds())
        self._announcements(one, about)

    def _missing(self, one: Expected, what: str) -> None:
        """Lost, unless nothing told us of it, somebody took it away, or it waits for a person as a dead letter."""
        if (
            (one.accepted or self._swept)
            and one.file not in self._withdrawn
            and str(one.file.file_id) not in self._dead
        ):
            self._verdict.lost.append(f"{one} {what}")

    def _announcements(self, one: Expected, about: list[dict[str, Any]]) -> None:
        by_id: dict[str, list[datetime]] = defaultdict(list)
        named: dict[str, int] = {}
        for mail in about:
            by_id[mail["message_id"]].append(_time(mail["at"]))
            named[mail["message_id"]] = mail["times"]  # a message about several may name several versions
        if sum(named.values()) > len(one.uploads):
            told = ", ".join(f"{id_} at {times[0]:%H:%M:%S.%f}" for id_, times in by_id.items())
            self._verdict.announced_twice.append(
                f"{one}: told {sum(named.values())} times, by mails with ids of their own: {told}"
            )
        for message_id, times in by_id.items():
            for first, again in itertools.pairwise(times):
                repeat = f"{one}: {message_id} at {first:%H:%M:%S.%f} and {again:%H:%M:%S.%f}"
                why = _crash_between(first, again, self._storm)
                if why is None:
                    self._verdict.announced_twice.append(f"{repeat}, and no crash explains it")
                else:
                    self._verdict.repeated_in_window.append(f"{repeat}, {why}")


def _crash_between(accepted: datetime, again: datetime, storm: Sequence[Done]) -> str | None:
    """What may have come between the mail server's accept and our record of it."""
    since, until = accepted - CLOCKS, min(accepted + ACCEPT_TO_RECORD, again)
    for done in storm:
        killed = done.what == "notifier kill" and since <= done.began <= until
        cut_off = done.what.startswith("ledger ") and done.began <= until and done.ended >= since
        if killed or cut_off:
            return f"{done.what} from {done.began:%H:%M:%S} to {done.ended:%H:%M:%S}"
    return None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
