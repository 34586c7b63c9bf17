"""Decides who is to hear what now. Pure; times are seconds since the epoch."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.operator.times import Times
from shared.rules.hours import Hours
from shared.store.problems.known import Known, Told

START, AGAIN, END = "start", "again", "end"
"""What is told of a problem. Of those that are told again each is numbered: `again 1`."""


@dataclass(frozen=True, slots=True)
class Office:
    """When the operators work."""

    hours: Hours | None
    """None: always."""
    zone: ZoneInfo

    def after(self, at: float, open_s: float) -> float:
        """The moment at which they have worked for so long since `at`."""
        if self.hours is None:
            return at + open_s
        day = datetime.fromtimestamp(at, self.zone).date() - timedelta(days=1)
        while True:
            for begin, end in sorted(span.on(day, self.zone) for span in self.hours.spans if span.begins_on(day)):
                begins = max(begin, at)
                if end - begins >= open_s:
                    return begins + open_s
                if end > begins:
                    open_s, at = open_s - (end - begins), end
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Who:
    """The channels by group, by their ids, and when they work."""

    groups: tuple[tuple[str, ...], ...]
    office: Office
    times: Times


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to be told of one problem."""

    problem: Known
    what: str
    next_group: bool = False
    """It is told because nobody of an earlier group acknowledged it."""

    @property
    def kind(self) -> str:
        return self.what.partition(" ")[0]


def to_say(
    live: Sequence[Known],
    told: Sequence[Told],
    silenced: Collection[str],
    held: Collection[str],
    *,
    who: Who,
    now: float,
) -> dict[str, list[Say]]:
    """By channel, the oldest problem first. `silenced` are families; `held` are the ids of problems whose end is
    not told yet, as what waited for it still goes on.
    """
    by_channel: dict[str, list[Say]] = {}
    for problem in live:
        heard = [each for each in told if each.problem == problem.id]
        if problem.started_at is None:
            continue
        if problem.ended_at is not None:
            found = () if problem.id in held else _of_end(problem, heard, who)
        elif problem.gone_since is not None or problem.family in silenced:
            found = ()
        else:
            found = _of_open(problem, problem.started_at, heard, who, now)
        for channel, say in found:
            by_channel.setdefault(channel, []).append(say)
    return by_channel


def closable(live: Sequence[Known], told: Sequence[Told], who: Who, now: float) -> list[str]:
    """The ids of those that ended and of which nobody is to hear any more."""
    return [
        problem.id
        for problem in live
        if problem.ended_at is not None
        and (
            now - problem.ended_at > who.times.keep_trying_s
            or not list(_of_end(problem, [each for each in told if each.problem == problem.id], who))
        )
    ]


def _of_open(
    problem: Known, started_at: float, heard: Sequence[Told], who: Who, now: float
) -> Iterator[tuple[str, Say]]:
    last = {each.channel: each.at for each in heard}  # they are in the order of time
    groups = _groups_due(problem, started_at, {each.channel: each.at for each in reversed(heard)}, who, now)
    for number, group in enumerate(groups):
        for channel in group:
            if channel not in last:
                yield channel, Say(problem, START, next_group=number > 0)
            elif now - last[channel] >= who.times.again_s:
                told_before = sum(each.channel == channel for each in heard)
                yield channel, Say(problem, f"{AGAIN} {told_before}")


def _groups_due(
    problem: Known, started_at: float, first: Mapping[str, float], who: Who, now: float
) -> list[tuple[str, ...]]:
    """The groups that are to know of it by now. `first` is when each channel heard of it first."""
    due_at, found = started_at, []
    for number, group in enumerate(who.groups):
        stopped_at = problem.acknowledged_at
        if number and (now < due_at or (stopped_at is not None and stopped_at <= due_at)):
            break
        found.append(group)
        reached_at = min((first[channel] for channel in group if channel in first), default=None)
        if reached_at is None:
            due_at += who.times.unreached_s
        else:
            due_at = who.office.after(reached_at, who.times.escalate_s)
    return found


def _of_end(problem: Known, heard: Sequence[Told], who: Who) -> Iterator[tuple[str, Say]]:
    """To who heard of it; if nobody could be told that it is there, to the first group."""
    ended = {each.channel for each in heard if each.what == END}
    knows = {each.channel for each in heard}
    known = [channel for group in who.groups for channel in group]
    for channel in [each for each in known if each in knows] or who.groups[0]:
        if channel not in ended:
            yield channel, Say(problem, END)
