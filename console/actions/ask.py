"""The door to actions, for the command line and the web: count, say what will happen, start, stop, resume.

Every method may raise TransientError where the database or the broker is away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import uuid4

from console.actions.asked import asked
from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter
from console.actions.verbs import verb_of
from shared.errors import PermanentError
from shared.store.actions.action import Action, Item, ItemState
from shared.store.actions.put_away import PutAway, PutAwayStore
from shared.store.actions.store import ActionStore
from shared.store.audit.store import AuditStore, Person

MOST = 1_000
"""Items of one action."""


class CountChangedError(PermanentError):
    """Others fit now than the person saw: they are asked anew."""

    def __init__(self, seen: int, now: int) -> None:
        super().__init__(f"{seen} were shown, and {now} fit now: look again before you go on")
        self.seen, self.now = seen, now


@dataclass(frozen=True, slots=True)
class Plan:
    verb: str
    filter: Filter
    count: int
    """How many fit. The first MOST of them are done."""
    will: str = ""
    """What will happen, in a sentence."""
    not_twice: str = ""
    """What will not happen twice."""

    @property
    def at_once(self) -> int:
        return min(self.count, MOST)


class Actions:
    """A context manager. For one thread."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._store, self._audit = ActionStore(site.database_url), AuditStore(site.database_url)
        self._kept = PutAwayStore(site.database_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()
        self._audit.close()
        self._kept.close()

    def prepare(self, verb: str, filter_: Filter) -> Plan:
        """Counts, and changes nothing. BadFilterError says what is missing or unknown."""
        found = verb_of(verb)
        count = len(found.keys(self._site, filter_))
        told = found.sentences(filter_, min(count, MOST))
        more = f"; these are the first of {count:,}, as at most {MOST:,} are done at once: ask again for the rest"
        rest = more if count > MOST else ""
        return Plan(verb, filter_, count, told.will + rest, told.not_twice)

    def start(self, plan: Plan, by: Person) -> str:
        """Counts again, writes the audit, then the action; its id. Nothing is done yet: see `console.actions.run`.

        Of the plan it takes verb, filter and count, as they were shown. CountChangedError where another count fits
        now, BadFilterError where nothing does.
        """
        keys = verb_of(plan.verb).keys(self._site, plan.filter)
        if len(keys) != plan.count:
            raise CountChangedError(plan.count, len(keys))
        if not keys:
            raise BadFilterError("nothing fits: there is nothing to do")
        action_id, taken = uuid4().hex, keys[:MOST]
        target = f"{len(taken)} of {plan.verb}" if len(taken) > 1 else taken[0]
        self._audit.begin(by, plan.verb, target, plan.filter, len(taken), entry_id=action_id)
        self._store.add(action_id, plan.verb, plan.filter, count=len(taken), by=by, keys=taken)
        asked()
        return action_id

    def stop(self, action_id: str, by: Person) -> bool:
        """False where it has ended or is stopped. What is in hand is finished first."""
        return self._noted("stop", action_id, by, self._store.stop)

    def resume(self, action_id: str, by: Person) -> bool:
        """False where it is not stopped."""
        resumed = self._noted("resume", action_id, by, self._store.resume)
        asked()
        return resumed

    def state(self, action_id: str) -> Action | None:
        return self._store.get(action_id)

    def failed(self, action_id: str) -> list[Item]:
        """Those of its items that failed for good, and why."""
        return self._store.items(action_id, ItemState.FAILED)

    def put_away(self, limit: int = 100) -> list[PutAway]:
        """What was put away and not taken back, the newest first."""
        return self._kept.latest(limit)

    def latest(self, limit: int = 50) -> list[Action]:
        """The newest first."""
        return self._store.latest(limit)

    def _noted(self, verb: str, action_id: str, by: Person, do: Callable[[str], bool]) -> bool:
        entry = self._audit.begin(by, verb, action_id, {})
        done = do(action_id)
        self._audit.end(entry, "done" if done else "it was not to be done: see how the action stands")
        return done
