"""What is to be sent to a channel now, composed of what the database knows. Only reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.operator import text, weekly
from console.operator.channels import Letter
from console.operator.due import END, Say, Who, closable, to_say
from console.operator.sending import Ready
from console.operator.settings import Weekly
from console.operator.text import Saying, Voice
from console.operator.waiting import Became, became, held
from shared.store.history.tables import Database
from shared.store.problems.known import Known, Told
from shared.store.problems.store import ProblemStore
from shared.store.problems.turns import Turns
from shared.store.sweeps.store import SweepStore


@dataclass(frozen=True, slots=True)
class Stores:
    problems: ProblemStore
    turns: Turns
    history: Database
    sweeps: SweepStore

    def close(self) -> None:
        for store in (self.problems, self.turns, self.history, self.sweeps):
            store.close()


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands that is to be told. Times are seconds since the epoch."""

    now: float
    live: Sequence[Known]
    told: Sequence[Told]
    became: Mapping[str, Became]
    """By the id of a problem that has ended."""
    says: Mapping[str, Sequence[Say]]
    """By channel."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Methods raise TransientError."""

    stores: Stores
    who: Who
    voice: Voice
    weekly: Weekly | None

    def standing(self, now: float) -> Standing:
        live = self.stores.problems.live()
        told = self.stores.turns.told([problem.id for problem in live])
        ended = [problem for problem in live if problem.ended_at is not None]
        found = {problem.id: became(self.stores.history, problem) for problem in ended}
        waiting = held([(problem, found[problem.id]) for problem in ended], now, self.who.times)
        silenced = self.stores.problems.silences(now) if live else {}
        return Standing(now, live, told, found, to_say(live, told, silenced, waiting, who=self.who, now=now))

    def of(self, channel: str, now: float) -> list[Ready]:
        """One message about all problems of which it is to hear, and the weekly one."""
        standing = self.standing(now)
        says = standing.says.get(channel, ())
        return [*([self._of_problems(channel, says, standing)] if says else []), *self._of_week(channel, now)]

    def channels(self, standing: Standing) -> list[str]:
        """Those that are to be sent something now."""
        weekly_too = self.who.groups[0] if self._week_is_due(standing.now) else ()
        return [
            channel for group in self.who.groups for channel in group if channel in {*standing.says, *weekly_too}
        ]

    def close_what_is_over(self, standing: Standing) -> None:
        waiting = held(
            [(each, standing.became[each.id]) for each in standing.live if each.ended_at],
            standing.now,
            self.who.times,
        )
        told = self.stores.turns.told([problem.id for problem in standing.live])
        over = [each for each in closable(standing.live, told, self.who, standing.now) if each not in waiting]
        if over:
            self.stores.problems.close_problems(over, standing.now)

    def _of_problems(self, channel: str, says: Sequence[Say], standing: Standing) -> Ready:
        sayings = [Saying(say, standing.became.get(say.problem.id) if say.kind == END else None) for say in says]
        told = tuple(Told(say.problem.id, say.what, channel, standing.now) for say in says)
        key = f"operator {channel} " + ",".join(f"{each.problem}:{each.what}" for each in told)
        letter = Letter(
            text.announcement(sayings, standing.now, self.voice),
            text.announcement(sayings, standing.now, self.voice, chat=True),
            key,
            says[0].problem.id if len(says) == 1 else key,
        )
        return Ready(letter, told)

    def _of_week(self, channel: str, now: float) -> list[Ready]:
        if self.weekly is None or channel not in self.who.groups[0] or not self._week_is_due(now, channel):
            return []
        until = self.weekly.last(now, self.voice.zone)
        found = weekly.week(self.stores.history, self.stores.sweeps, until)
        told = Told(weekly.WEEKLY, f"{until:%Y-%m-%d}", channel, now)
        key = f"operator {channel} {told.problem}:{told.what}"
        letter = Letter(weekly.announcement(found), weekly.announcement(found, chat=True), key, key)
        return [Ready(letter, (told,))]

    def _week_is_due(self, now: float, channel: str | None = None) -> bool:
        """Within a day: who was told of nothing by then is told the next week."""
        if self.weekly is None:
            return False
        until = self.weekly.last(now, self.voice.zone)
        if now - until.timestamp() > self.who.times.keep_trying_s:
            return False
        wanted = self.who.groups[0] if channel is None else (channel,)
        day = f"{until:%Y-%m-%d}"
        told = {each.channel for each in self.stores.turns.told([weekly.WEEKLY]) if each.what == day}
        return not told.issuperset(wanted)
