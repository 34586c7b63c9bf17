"""Looks at everything again and again, each check as often as it costs little. For one thread.

The portal is asked how it is with two small calls. What it tells of rooms, webhook and key is asked seldom, and
oftener while something of it is wrong.
"""

import contextlib
import time
from collections.abc import Callable, Mapping

from console.connect.portal import portal_client
from console.doctor import pauses, portal, uploads
from console.doctor.checks import CHECKS
from console.doctor.line import Level, Line
from console.doctor.run import run
from console.operator.families import Look
from console.operator.times import PORTAL, WHOLE_PORTAL, Often
from console.problems.judge import OF_THE_PORTAL, cause, judge
from console.settings import given
from shared.docspace.client import Client
from shared.process.settings import Portal
from shared.store.actions.pauses import PauseStore
from shared.store.history.tables import Database

LIMIT_S = 25.0
"""For all checks of a look together."""
RULES_AND_MORE_LIMIT_S = 120.0
HIDDEN = "sweep:hidden"
"""The reconciler saw that the webhook does not call us: the portal is asked at once what is wrong with it."""
_OF_STATE = frozenset(f"portal:{code}" for code in OF_THE_PORTAL)


EARLY = 0.9
"""Of the time from one look to the next: one that begins a moment early is on time."""


class Looking:
    """`environ` as the commands take it. A context manager."""

    def __init__(
        self,
        environ: Mapping[str, str],
        settings: Portal,
        database_url: str,
        often: Mapping[str, Often],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environ = environ
        self._often = {name: each for name, each in often.items() if name != "mail" or given("SMTP_URL", environ)}
        self._clock = clock
        self._client: Client = portal_client(settings)
        self._history, self._pauses = Database(database_url), PauseStore(database_url)
        self._checks = {
            **CHECKS,
            "uploads": lambda _: uploads.of(self._history),
            "pauses": lambda _: pauses.of(self._pauses),
        }
        """Those that are made most often keep their connections."""
        self._lines: dict[str, list[Line]] = {}
        self._looked_at: dict[str, float] = {}

    def close(self) -> None:
        self._client.close()
        self._history.close()
        self._pauses.close()

    def look(self) -> Look:
        """Takes as long as the slowest check that is due. Raises nothing of a check's own."""
        due = [name for name in self._often if self._is_due(name)]
        self._make(tuple(name for name in due if name not in {PORTAL, WHOLE_PORTAL}), LIMIT_S)
        if PORTAL in due:
            self._keep(PORTAL, self._state())
        if not self._portal_is_down() and self._is_due(WHOLE_PORTAL):
            self._make((WHOLE_PORTAL,), RULES_AND_MORE_LIMIT_S)
        return self._found()

    def _make(self, names: tuple[str, ...], limit_s: float) -> None:
        for name, lines in zip(names, run(self._environ, limit_s, names=names, checks=self._checks), strict=True):
            self._keep(name, lines)

    def _keep(self, name: str, lines: list[Line]) -> None:
        self._lines[name], self._looked_at[name] = lines, self._clock()

    def _state(self) -> list[Line]:
        """The first line of what doctor says of the portal; it is about the portal as a whole."""
        with contextlib.closing(portal.check(self._client)) as lines:  # type: ignore[type-var]  # it is a generator
            return [next(lines)]

    def _portal_is_down(self) -> bool:
        return any(cause(line) in _OF_STATE for line in self._lines.get(PORTAL, ()) if line.level is Level.FAILED)

    def _is_due(self, name: str) -> bool:
        if name not in self._often or name not in self._looked_at:
            return name in self._often
        often, lines = self._often[name], self._lines[name]
        failing = any(line.level is not Level.OK for line in lines) or (name == WHOLE_PORTAL and self._is_hidden())
        return self._clock() - self._looked_at[name] >= EARLY * (often.failing_s if failing else often.fine_s)

    def _is_hidden(self) -> bool:
        return any(cause(line) == HIDDEN for line in self._lines.get("sweep", ()))

    def _found(self) -> Look:
        by_check = {name: self._of(name) for name in self._lines}
        found = judge(line for lines in by_check.values() for line in lines)
        found_by = {cause(line): name for name, lines in by_check.items() for line in lines if line.cause}
        unseen = {name for name, lines in by_check.items() if any(line.unseen for line in lines)}
        if WHOLE_PORTAL not in self._lines:
            unseen.add(WHOLE_PORTAL)
        return Look(found.problems, found_by, frozenset(unseen))

    def _of(self, name: str) -> list[Line]:
        """How the portal is now is told by its state: the rest may be an hour old."""
        lines = self._lines[name]
        return [line for line in lines if cause(line) not in _OF_STATE] if name == WHOLE_PORTAL else lines
