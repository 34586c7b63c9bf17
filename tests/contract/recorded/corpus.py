"""What a real portal answered and sent, as the files in tests/recorded hold it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "recorded"
BARE_BODY = "body-3.7.2"
"""A delivery's body alone, without its headers."""


@dataclass(frozen=True)
class Exchange:
    name: str
    method: str
    path: str
    status: int
    content_type: str | None
    answer: Any
    request: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Delivery:
    name: str
    headers: tuple[tuple[str, str], ...]
    body: str
    secret: str
    signature: str


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _exchange(name: str, held: dict[str, Any]) -> Exchange:
    members = ("method", "path", "status", "content_type", "answer", "request")
    return Exchange(name, **{member: held[member] for member in members}, headers=held.get("headers", {}))


FILES = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.json"))}
EXCHANGES = {name: _exchange(name, held) for name, held in FILES.items() if "method" in held}
DELIVERIES = {
    name: Delivery(name, tuple(map(tuple, held["headers"])), held["body"], held["secret"], held["signature"])
    for name, held in FILES.items()
    if "signature" in held
}
