"""Which dead letters a command is about. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from console.dead.facts import code, reason
from shared.amqp.operator.dead_letters import DeadLetter
from shared.text.codes import Code
from shared.wire.stages import NAMES

_CODES = frozenset(map(str, Code))

Stage = StrEnum("Stage", NAMES)  # type: ignore[misc]  # a literal, mypy wants; the stages stand elsewhere
"""For the command line, which takes its choices from an enum."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Whatever is given must hold together; what is None or empty does not count."""

    message_ids: frozenset[str] = frozenset()
    stage: str | None = None
    text: str | None = None
    """The code of the reason; else a part of the reason or of the error, in any case."""

    @property
    def empty(self) -> bool:
        return not (self.message_ids or self.stage or self.text)

    @property
    def stages(self) -> Sequence[str]:
        return (self.stage,) if self.stage else NAMES

    def as_filter(self) -> dict[str, Any]:
        """As an action of `console.actions` takes it."""
        given = {"ids": sorted(self.message_ids), "stage": self.stage, "reason": self.text}
        return {name: value for name, value in given.items() if value}

    def __contains__(self, letter: DeadLetter) -> bool:
        if self.message_ids and letter.message_id not in self.message_ids:
            return False
        if self.stage and letter.stage != self.stage:
            return False
        if self.text is None:
            return True
        wanted, named = self.text.casefold(), code(letter)
        if named and wanted in _CODES:
            return wanted == named
        return wanted in f"{reason(letter)}\n{letter.headers.get('error', '')}".casefold()
