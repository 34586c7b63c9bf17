"""Asks the portal, and keeps each exchange: what was told apart from what is believed, and what it took."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from console.portal_check.beliefs import Shape, differences, read, template
from shared.docspace.client import Client

OK = 200
SLOW = 10
"""Times the median that a real server on two cores took (docs/explanation/portal.md, "Costs")."""
USUAL_S = 0.1
USUAL_OF = {"PUT": 0.3, "POST": 0.3, "DELETE": 0.3}
NOT_SAID = "not in words"


class CheckEndedError(Exception):
    """The check cannot go on; says why in one sentence."""

    def __init__(self, sentence: str, quoted: str = "") -> None:
        """`quoted` are the portal's own words, which may name somebody: not for the report."""
        super().__init__(": ".join(filter(None, (sentence, quoted))))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Difference:
    """Between an answer and what is believed. It names no entry and no person."""

    step: str
    route: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Exchange:
    step: str
    method: str
    path: str
    request: Any
    status: int
    content_type: str | None
    answer: Any
    took_s: float

    @property
    def route(self) -> str:
        return f"{self.method} {template(self.path)}"

    @property
    def is_slow(self) -> bool:
        return self.took_s > SLOW * USUAL_OF.get(self.method, USUAL_S)


@dataclass(slots=True)
class Exchanges:
    client: Client
    doing: Callable[[str], None]
    """Told each step as it begins."""
    all: list[Exchange] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    believed: dict[str, Shape] = field(default_factory=read)
    step: str = ""

    def begin(self, step: str) -> None:
        self.step = step
        self.doing(step)

    def ask(self, method: str, path: str, shape: Shape | None = None, **request: Any) -> Any:
        """The answer to a call that should be answered well; None where it is no JSON. `shape`: of its whole.

        CheckEndedError where it is refused: the portal's own sentence, or how the portal stands as a whole.
        """
        exchange = self.send(method, path, **request)
        if exchange.status != OK:
            self.differ(exchange.route, "status", f"{exchange.status}, not {OK}")
            self._refused(exchange)
        if shape is not None:
            self.compare(exchange.route, exchange.answer, shape)
        return exchange.answer

    def send(self, method: str, path: str, **request: Any) -> Exchange:
        """Whatever is answered."""
        began = time.monotonic()
        reply = self.client.exchange(method, path, **request)
        took_s = time.monotonic() - began
        sent = request.get("json", "(bytes)" if "files" in request else None)
        exchange = Exchange(
            self.step, method, f"/api/2.0/{path}", sent, reply.status, reply.headers.get("Content-Type"),
            _json(reply.body), took_s,
        )  # fmt: skip
        self.all.append(exchange)
        return exchange

    def compare(self, route: str, answer: object, shape: Shape, *, whole: bool = True) -> None:
        for where, what in differences(answer, shape, whole=whole):
            self.differ(route, where, what)

    def differ(self, route: str, where: str, what: str) -> None:
        found = Difference(self.step, route, where, what)
        if all((found.route, where, what) != (each.route, each.where, each.what) for each in self.differences):
            self.differences.append(found)

    def _refused(self, exchange: Exchange) -> NoReturn:
        state = self.client.state()
        if state.fault:
            raise CheckEndedError(state.reason)
        error = exchange.answer.get("error") if isinstance(exchange.answer, dict) else None
        said = error.get("message") if isinstance(error, dict) else None
        quoted = said if isinstance(said, str) else NOT_SAID
        raise CheckEndedError(f"the portal answered {exchange.status} to {exchange.route}", quoted)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
