"""The recorded situations, each under its recorded name: what is built, and what is then asked again."""

from collections.abc import Callable

import requests

from tests.contract.recorded.stage import Stage

Situation = Callable[[Stage], requests.Response]

SITUATIONS: dict[str, Situation] = {}


def situation(name: str) -> Callable[[Situation], Situation]:
    def named(build: Situation) -> Situation:
        assert name not in SITUATIONS
        SITUATIONS[name] = build
        return build

    return named
