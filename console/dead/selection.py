"""Which dead letters a command is about. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console.dead.facts import code, reason
from shared.amqp.operator.dead_letters import DeadLetter
from shared.rules.endpoint import endpoint_name
from shared.text.codes import Code
from shared.wire.stages import EVERY_NAME, is_lane

_CODES = frozenset(map(str, Code))


def stage_named(text: str) -> str:
    """ValueError for what is neither a worker's stage nor an endpoint's."""
    if is_lane(text):
        endpoint_name(text.partition(".")[2])
    elif text not in EVERY_NAME:
        raise ValueError(f"there is no stage {text}: {', '.join(EVERY_NAME)}, or dispatcher.NAME for an endpoint")
    return text


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

    def stages(self, lanes: Sequence[str] = ()) -> Sequence[str]:
        """Those to look at; `lanes` are the stages of the endpoints that are known."""
        return (self.stage,) if self.stage else (*EVERY_NAME, *lanes)

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
