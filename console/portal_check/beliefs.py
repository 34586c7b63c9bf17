"""What real portals answered, as the types of each field, and in what another answer differs. Pure.

`believed.json` is made of tests/recorded by scripts/portal-beliefs; a test holds it to these.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("believed.json")

FILE_ROUTE, FOLDER_ROUTE, PATH_ROUTE = "GET files/file/{id}", "GET files/folder/{id}", "GET files/folder/{id}/path"
PAGE_ROUTE, MOVE_ROUTE, OPERATION_ROUTE = "GET files/{id}", "PUT files/fileops/move", "GET files/fileops"
SETTINGS_ROUTE, KEY_ROUTE, SELF_ROUTE = "GET settings", "GET keys/@self", "GET people/@self"
ROUTES = frozenset({
    FILE_ROUTE, FOLDER_ROUTE, PATH_ROUTE, PAGE_ROUTE, MOVE_ROUTE, OPERATION_ROUTE, SETTINGS_ROUTE,
    KEY_ROUTE, SELF_ROUTE,
})  # fmt: skip
FOLDERS_AT = {
    FOLDER_ROUTE: ("response",),
    PATH_ROUTE: ("response[]",),
    PAGE_ROUTE: ("response.current", "response.folders[]"),
}
FILES_AT = {
    FILE_ROUTE: ("response",),
    PAGE_ROUTE: ("response.files[]",),
    OPERATION_ROUTE: ("response[].files[]",),
    MOVE_ROUTE: ("response[].files[]",),
}
"""Where folders and files are told. Of each route only some kinds were recorded, so one shape holds for all."""
FREE = ("editingBy",)
"""Its members are named by users' ids."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_ID = re.compile(r"/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)")
_WORD = re.compile(r"[A-Za-z]{1,40}(\[\])*")
TEXT, MOMENT = "text", "moment"
_KINDS: tuple[tuple[type, str], ...] = (
    (type(None), "null"), (bool, "boolean"), (int, "whole number"), (float, "number"), (list, "list"),
    (object, "object"),
)  # fmt: skip
"""Of the first that fits: a boolean is a whole number to Python."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of the answers of one route: the types of what lies at each path; `[]` stands for the items of a list."""

    kinds: Mapping[str, frozenset[str]]
    always: frozenset[str]
    """The paths that were there wherever the object was that they belong to."""

    def below(self, path: str) -> "Shape":
        """The shape of what lies at that path alone."""

        def cut(found: Iterable[str]) -> dict[str, str]:
            return {each: each[len(path) :].removeprefix(".") for each in found if _is_below(each, path)}

        return Shape(
            {inner: self.kinds[whole] for whole, inner in cut(self.kinds).items()},
            frozenset(cut(self.always).values()),
        )

    def grafted(self, path: str, inner: "Shape") -> "Shape":
        """With that shape of what lies at the path."""
        kinds = {each: found for each, found in self.kinds.items() if not _is_below(each, path)}
        always = {each for each in self.always if each == path or not _is_below(each, path)}
        return Shape(
            kinds | {_joined(path, each): found for each, found in inner.kinds.items()},
            frozenset(always | {_joined(path, each) for each in inner.always}),
        )


@dataclass(slots=True)
class _Seen:
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    objects: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    members: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def take(self, value: object) -> None:
        for path, each in walk(value):
            self.kinds[path].add(kind(each))
            if isinstance(each, dict) and not _is_free(path):
                self.objects[path] += 1
                for name in each:
                    self.members[path, name] += 1

    def shape(self) -> Shape:
        always = (_member(path, name) for (path, name), n in self.members.items() if n == self.objects[path])
        return Shape({path: frozenset(kinds) for path, kinds in self.kinds.items()}, frozenset(always))


def template(path: str) -> str:
    """`/api/2.0/files/file/7?x=1` → `files/file/{id}`."""
    return _ID.sub("/{id}", path.partition("?")[0]).removeprefix("/api/2.0/")


def shapes(exchanges: Iterable[Mapping[str, Any]]) -> dict[str, Shape]:
    """By method and route, of ROUTES that were answered well."""
    seen: dict[str, _Seen] = defaultdict(_Seen)
    entries = ((FILES_AT, _Seen()), (FOLDERS_AT, _Seen()))
    for exchange in exchanges:
        route = f"{exchange['method']} {template(exchange['path'])}"
        if route in ROUTES and exchange["status"] == 200:  # noqa: PLR2004 - as all of them answer
            seen[route].take(exchange["answer"])
            for path, value in walk(exchange["answer"]):
                for places, entry in entries:
                    if path in places.get(route, ()):
                        entry.take(value)
    found = {route: each.shape() for route, each in sorted(seen.items())}
    for places, entry in entries:
        for route in places.keys() & found.keys():
            for place in places[route]:
                found[route] = found[route].grafted(place, entry.shape())
    return found


def written(found: Mapping[str, Shape]) -> str:
    """A line for each path: its types, and `!` in front where it was always there."""
    plain = {
        route: {
            path: ("!" if path in shape.always else "") + " | ".join(sorted(kinds))
            for path, kinds in sorted(shape.kinds.items())
        }
        for route, shape in found.items()
    }
    return json.dumps(plain, indent=1) + "\n"


def read() -> dict[str, Shape]:
    plain = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        route: Shape(
            {path: frozenset(kinds.removeprefix("!").split(" | ")) for path, kinds in shape.items()},
            frozenset(path for path, kinds in shape.items() if kinds.startswith("!")),
        )
        for route, shape in plain.items()
    }


def differences(answer: object, believed: Shape, *, whole: bool = True) -> Iterator[tuple[str, str]]:
    """Where, and what. `whole`: what was always there is missed; another route may leave it out."""
    told: set[tuple[str, str]] = set()
    for path, value in walk(answer):
        known, found = believed.kinds.get(path), kind(value)
        if known is None:
            what = "unknown field"
        elif not _fits(found, known):
            what = f"{found}, not {' or '.join(sorted(known))}"
        else:
            what = ""
        if what and (path, what) not in told and not any(_is_below(path, unknown) for unknown, _ in told):
            told.add((path, what))
            yield (path if known else _nameless(path)) or "answer", what
        if whole and isinstance(value, dict):
            here = (each for each in believed.always if each.rpartition(".")[0] == path)
            for each in sorted(here):
                if each.rpartition(".")[2] not in value and (each, "missing") not in told:
                    told.add((each, "missing"))
                    yield each, "missing"


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    yield path, value
    if isinstance(value, dict) and not _is_free(path):
        for name, each in value.items():
            yield from walk(each, _member(path, name))
    elif isinstance(value, list):
        for each in value:
            yield from walk(each, f"{path}[]")


def kind(value: object) -> str:
    """A JSON type, `whole` for a number without a fraction; of a moment the way in which it is spelled."""
    if isinstance(value, str):
        return _kind_of_text(value)
    return next(name for type_, name in _KINDS if isinstance(value, type_))


def _kind_of_text(text: str) -> str:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return TEXT
    zone = found[2] or ""
    return f"{MOMENT} in {'UTC (Z)' if zone == 'Z' else 'a zone (+00:00)' if zone else 'no zone'}"


def _nameless(path: str) -> str:
    """An object may be keyed by ids: what is no plain word is not told."""
    return ".".join(part if _WORD.fullmatch(part) else "…" for part in path.split("."))


def _fits(found: str, known: frozenset[str]) -> bool:
    return found in known or (found.startswith(MOMENT) and TEXT in known and not _any_moment(known))


def _any_moment(known: frozenset[str]) -> bool:
    return any(each.startswith(MOMENT) for each in known)


def _is_free(path: str) -> bool:
    return path.rpartition(".")[2] in FREE


def _is_below(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


def _joined(path: str, inner: str) -> str:
    return path if not inner else f"{path}{inner}" if inner.startswith("[") else f"{path}.{inner}"


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
