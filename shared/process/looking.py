"""Looks for what people change while a worker runs: a pause of its stage, and the published rules."""

from collections.abc import Callable
from typing import Any

from shared.errors import TransientError
from shared.process.live_rules import LiveRules
from shared.runtime.by_hand import Pause
from shared.store.look import Look


def looking(database_url: str, stage: str, rules: LiveRules[Any]) -> Callable[[], Pause | None]:
    """How a worker asks for the pause. With the same question it follows the published rules.

    Both are asked through one connection, which nothing else uses.
    """
    database = Look(database_url, stage)

    def look() -> Pause | None:
        try:
            seen = database.look()
        except TransientError as error:
            rules.not_looked_for(error)
            raise
        rules.follow(seen.switch)
        return seen.pause

    return look
