"""The rules that a process runs with now: those of RULES_FILE, else the published ones, else the three variables'.

A worker is told every few seconds which published rules are live, and goes over to them without a restart: each
message is decided by one whole set, the one that was live when it was taken in hand. What goes wrong never makes
another set live: while the database is away, or holds rules that this program cannot read, the last ones stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from shared.errors import TransientError
from shared.process.settings import Database, Rules
from shared.rules.file import parse_rules
from shared.rules.model import RuleSet
from shared.store.rulebook.reader import Published, RulebookReader
from shared.text.codes import Code

T = TypeVar("T")

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class RuledDatabase(Database, Rules):
    """What it takes to know the live rules."""


class UnknownRulesError(TransientError):
    """No message was looked at: it is decided once the rules are known, however long that takes."""

    code = Code.DATABASE
    untried = True


def rules_now(settings: RuledDatabase) -> RuleSet:
    """Read once. TransientError while the database cannot tell; RulesError for rules that cannot be read."""
    if settings.rules_file is not None:
        return settings.rules()
    reader = RulebookReader(settings.database_url.get_secret_value())
    try:
        published = reader.live()
    finally:
        reader.close()
    return settings.rules() if published is None else _read(published)


def _read(published: Published) -> RuleSet:
    return parse_rules(published.text.encode(), f"version {published.version} of the published rules")


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    """One set of rules, and what the process made of it; swapped as one."""

    switch: int
    rules: RuleSet
    made: T


class LiveRules(Generic[T]):
    """`make` is what a process makes of a set of rules, such as its handler's ports; ValueError where it cannot."""

    def __init__(self, settings: RuledDatabase, make: Callable[[RuleSet], T]) -> None:
        """Looks once. ValueError of `make` for the rules of the file or of the three variables."""
        self._settings = settings
        self._make = make
        self._reader: RulebookReader | None = None
        self._held: _Held[T] | None = None
        self._seen: int | None = None
        """The last switch that was looked at, whatever came of it."""
        self._fault: str | None = None
        self._away: str | None = None
        if settings.rules_file is not None:
            self._hold(0, settings.rules())
        else:
            make(settings.rules())  # what a process cannot start with, it says at its start
            self._reader = RulebookReader(settings.database_url.get_secret_value())
            self.look()

    def now(self) -> T:
        """UnknownRulesError as long as the database was never there to tell which rules are live."""
        held = self._held
        if held is None:
            raise UnknownRulesError(self._unknown())
        return held.made

    @property
    def rules(self) -> RuleSet | None:
        """None as `now` has none."""
        return self._held.rules if self._held else None

    def check(self) -> str | None:
        """A readiness check: None, or why the rules that are live are not those that this process runs with."""
        return self._fault if self._held else self._unknown()

    def look(self) -> None:
        """Go over to the published rules if others are live by now. Raises nothing that a database does."""
        if self._reader is None:
            return
        try:
            switch = self._reader.switch()
        except TransientError as error:
            self.not_looked_for(error)
        else:
            self.follow(switch)
        finally:
            self._reader.close()

    def follow(self, switch: int) -> None:
        """The last switch has this number. Raises nothing that a database does."""
        if self._reader is None:
            return
        try:
            if switch != self._seen:
                self._go_over(self._reader.live())
                self._seen = switch
                self._reader.close()  # the next switch may be weeks away
        except TransientError as error:
            self.not_looked_for(error)
        else:
            self._away = None

    def not_looked_for(self, error: TransientError) -> None:
        """The database could not be asked: the last rules stay."""
        if self._reader is None:
            return
        if self._away is None:
            log.warning("rules.unknown", reason=str(error), keeps=self._held is not None)
        self._away = str(error)

    def _go_over(self, published: Published | None) -> None:
        if published is None:
            if self._held is not None and self._held.switch:
                self._blame("the published rules are gone from the database: publish them again")
            else:
                self._hold(0, self._settings.rules())
            return
        try:
            self._hold(published.switch, _read(published))
        except ValueError as error:
            what = "; ".join(str(error).splitlines())
            self._blame(f"version {published.version} of the rules is live and cannot be used here: {what}")
        else:
            log.info("rules.live", version=published.version)

    def _hold(self, switch: int, rules: RuleSet) -> None:
        self._held = _Held(switch, rules, self._make(rules))
        self._fault = None

    def _blame(self, fault: str) -> None:
        self._fault = fault
        log.error("rules.kept", reason=fault)

    def _unknown(self) -> str:
        return f"which rules are live is not known: {self._fault or self._away}"
