"""Compares what was uploaded with what the portal and the mailbox hold, upload by upload. Pure.

It believes the simulator's own records (files, moves, deliveries, mails) and the dead queues, and none of the
product's logs or tables.
"""

import re
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from tests.chaos.plan import Upload
from tests.chaos.storm import Done

LINK = re.compile(r"doceditor\?fileid=([^&\s]+)")

ACCEPT_TO_RECORD = timedelta(seconds=5)
"""The mail server's accept and our record of it are milliseconds apart, or seconds on a machine that is busy. Only
who was killed, or which ledger was lost, within this time of a mail may have sent it again."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What the portal answered to an upload."""

    upload: Upload
    file_id: int | str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    queue: str
    file_id: int | str | None
    reason: str


@dataclass(slots=True)
class Invoice:
    """One file: an upload and the new versions of it that came before it was filed. One move, a mail a version."""

    file_id: int | str
    uploads: list[Uploaded]
    accepted: list[Uploaded] = field(default_factory=list)
    accepted_at: datetime | None = None


@dataclass(slots=True)
class Verdict:
    uploads: int = 0
    answered: int = 0
    """At least one webhook of the upload was answered 2xx."""
    never_accepted: int = 0
    filed: int = 0
    announced: int = 0
    skipped: int = 0
    dead: list[DeadLetter] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    moved_twice: list[str] = field(default_factory=list)
    announced_twice: list[str] = field(default_factory=list)
    repeated_in_window: list[str] = field(default_factory=list)
    """The same mail again, with the same Message-ID, next to a crash that explains it."""
    wrong: list[str] = field(default_factory=list)
    """Non-invoices that were moved, mails about nothing that was filed."""
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
    incoming: int,
    waiting: dict[str, int] | None = None,
) -> Verdict:
    verdict = Verdict(uploads=len(uploaded), dead=list(dead), waiting=waiting or {})
    invoices = _invoices(uploaded)
    _mark_accepted(invoices, uploaded, state["deliveries"])
    moves: dict[int | str, list[dict[str, Any]]] = defaultdict(list)
    for move in state["moves"]:
        moves[move["file_id"]].append(move)
    mails: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for mail in state["mails"]:
        mails[_file_in(mail)].append(mail)
    where = {file["id"]: file["folder_id"] for file in state["files"]}
    dead_ids = {str(letter.file_id) for letter in dead}
    by_file: dict[int | str, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        by_file[invoice.file_id].append(invoice)
    for file_id, ones in by_file.items():
        _judge_file(verdict, file_id, ones, moves.pop(file_id, []), mails, where, incoming, storm, dead_ids)
    verdict.wrong += [f"mail about {file_id or 'no file'}, which no upload became" for file_id in mails]
    verdict.wrong += [f"file {file_id} was moved, and nobody uploaded it" for file_id in moves]
    return verdict


def _invoices(uploaded: Sequence[Uploaded]) -> list[Invoice]:
    """A first version begins a file; third-party storage gives one id to file after file."""
    found: list[Invoice] = []
    open_ones: dict[int | str, Invoice] = {}
    for one in uploaded:
        if one.version == 1 or one.file_id not in open_ones:
            open_ones[one.file_id] = Invoice(one.file_id, [])
            found.append(open_ones[one.file_id])
        open_ones[one.file_id].uploads.append(one)
    return found


def _mark_accepted(
    invoices: Sequence[Invoice], uploaded: Sequence[Uploaded], deliveries: Sequence[dict[str, Any]]
) -> None:
    """Every upload of a file fires `file.uploaded` once, a simple one `file.created` too: the n-th is the n-th's."""
    events: dict[tuple[Any, ...], dict[int, datetime | None]] = defaultdict(dict)
    for delivery in sorted(deliveries, key=lambda delivery: int(delivery["event_id"])):
        of = events[delivery["file_id"], delivery["trigger"], delivery["webhook_id"]]
        took = delivery["status"] // 100 == 2
        of[delivery["event_id"]] = of.get(delivery["event_id"]) or (_time(delivery["at"]) if took else None)
    nth: dict[int, list[datetime]] = defaultdict(list)
    for (file_id, trigger, _), results in events.items():
        fired = [
            one
            for one in uploaded
            if one.file_id == file_id and (trigger == "file.uploaded" or one.upload.kind == "simple")
        ]
        for one, at in zip(fired, results.values(), strict=False):
            if at is not None:
                nth[id(one)].append(at)
    for invoice in invoices:
        invoice.accepted = [one for one in invoice.uploads if id(one) in nth]
        invoice.accepted_at = min((min(nth[id(one)]) for one in invoice.accepted), default=None)


def _judge_file(
    verdict: Verdict,
    file_id: int | str,
    ones: list[Invoice],
    moved: list[dict[str, Any]],
    mails: dict[str, list[dict[str, Any]]],
    where: dict[int | str, Any],
    incoming: int,
    storm: Sequence[Done],
    dead_ids: set[str],
) -> None:
    title = ones[0].uploads[0].upload.title
    verdict.answered += sum(len(one.accepted) for one in ones)
    verdict.never_accepted += sum(len(one.uploads) - len(one.accepted) for one in ones)
    if not ones[0].uploads[0].upload.invoice:
        if moved:
            verdict.wrong.append(f"{title} is no invoice and was moved")
        else:
            verdict.skipped += sum(len(one.accepted) for one in ones)
        return
    if len(moved) > len(ones):
        verdict.moved_twice.append(f"{title}: file {file_id} was moved {len(moved)} times for {len(ones)} uploads")
    if len({str(move["new_file_id"]) for move in moved}) < len(moved):
        verdict.moved_twice.append(f"{title}: file {file_id} was moved again after it was filed")
    for index, one in enumerate(ones):
        label = f"{title} (file {file_id}, {', '.join(f'{u.at:%H:%M:%S.%f}'[:-3] for u in one.uploads)})"
        move = moved[index] if index < len(moved) else None
        is_dead = str(file_id) in dead_ids
        if move is None or where.get(move["new_file_id"]) != incoming:
            if one.accepted and not is_dead:
                verdict.lost.append(f"{label} was not filed")
            continue
        verdict.filed += len(one.accepted)
        about = sorted(mails.pop(str(move["new_file_id"]), []), key=lambda mail: str(mail["at"]))
        if not about:
            if one.accepted and not is_dead:
                verdict.lost.append(f"{label} was filed and not announced")
            continue
        last = one.accepted[-1].at if one.accepted else one.uploads[0].at
        if _time(about[-1]["at"]) < last:
            if not is_dead:
                verdict.lost.append(f"{label}: the version that came last was not announced")
        else:
            verdict.announced += len(one.accepted)
        if one.accepted_at is not None:
            verdict.latencies_s.append((_time(about[0]["at"]) - one.accepted_at).total_seconds())
        _judge_mails(verdict, label, len(one.uploads), about, storm)


def _judge_mails(
    verdict: Verdict, label: str, versions: int, about: list[dict[str, Any]], storm: Sequence[Done]
) -> None:
    by_id: dict[str, list[datetime]] = defaultdict(list)
    for mail in about:
        by_id[mail["message_id"]].append(_time(mail["at"]))
    if len(by_id) > versions:
        verdict.announced_twice.append(f"{label}: {len(by_id)} mails with ids of their own for {versions} uploads")
    for message_id, times in by_id.items():
        for first, again in zip(times, times[1:], strict=False):
            why = _crash_at(first, again, storm)
            if why is None:
                verdict.announced_twice.append(
                    f"{label}: {message_id} at {first:%H:%M:%S.%f} and {again:%H:%M:%S.%f}, and no crash explains it"
                )
            else:
                verdict.repeated_in_window.append(f"{label}: {message_id}, {why}")


def _crash_at(first: datetime, again: datetime, storm: Sequence[Done]) -> str | None:
    """What came between the mail server's accept and our record of it."""
    for done in storm:
        until = min(first + ACCEPT_TO_RECORD, again)
        if done.what == "notifier kill" and first - timedelta(seconds=1) <= done.began <= until:
            return f"{done.what} at {done.began:%H:%M:%S}"
        ledger = done.what.startswith("ledger ")
        if ledger and done.began <= until and done.ended >= first - timedelta(seconds=1):
            return f"{done.what} from {done.began:%H:%M:%S} to {done.ended:%H:%M:%S}"
    return None


def _file_in(mail: dict[str, Any]) -> str:
    found = LINK.search(mail["text"])
    return unquote(found[1]) if found else ""


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
