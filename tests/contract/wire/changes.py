"""Answers in which one field holds what it should not, and what must then be read all the same."""

from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

from shared.docspace.model import DECIDING, NEEDED, FileInfo, KeyInfo, Operation
from shared.docspace.webhooks import Webhook
from tests.contract.wire.routes import Answered, Route

Json = Any

OTHERS: list[Json] = [
    None, True, False, 0, 7, -1, 7.0, 1.5, 2**70, "", "x", "7", "true",
    [], ["x"], [7, None], {}, {"x": 1}, {"x": "Ann"}, {"id": True}, [{"id": [], "Move": 1}],
]  # fmt: skip
NO_ID: list[Json] = [None, True, 1.5, 7.0, "", [], {}, ["x"]]

LISTS = {("page", "files"), ("page", "folders")}
"""A page's lists are null or lists: of any other an error, which another test tells of."""

SHOWN: dict[type, set[str]] = {
    FileInfo: {"web_url", "created_by_name", "created_by_profile", "size_bytes"},
    KeyInfo: {"name"},
    Operation: {"processed"},
    Webhook: {"owner_name", "created_at", "last_success_at", "last_failure_at", "last_failure"},
}
"""What is told to a person, and decides nothing."""


def decided(told: Any) -> Any:
    """What is left of a result without what is only shown."""
    if is_dataclass(told) and not isinstance(told, type):
        return {name: value for name, value in asdict(told).items() if name not in SHOWN.get(type(told), ())}
    return [decided(one) for one in told] if isinstance(told, list | tuple) else told


def paths(route: Route, entry: Json) -> Iterator[str]:
    """Of every field of an entry, and of every field of those objects that hold what decides."""
    for field in route.item.model_fields.values():
        name = field.alias or next(key for key, one in route.item.model_fields.items() if one is field)
        if (route.kind, name) in LISTS or name in NEEDED[route.kind]:
            continue
        yield name
        if any(one.startswith(f"{name}.") for one in DECIDING[route.kind]) and isinstance(entry[name], dict):
            yield from (f"{name}.{inner}" for inner in entry[name])


def replaced(entry: Json, path: str, value: Json) -> Json:
    name, _, inner = path.partition(".")
    return {**entry, name: replaced(entry[name], inner, value) if inner else value}


def decides(route: Route, path: str) -> bool:
    """Whether the list says so; an object that holds what decides does, and so does all in one that decides."""
    listed = DECIDING[route.kind]
    return any(one == path or one.startswith(f"{path}.") or path.startswith(f"{one}.") for one in listed)


def check(route: Route, entry: Json, only: str = "") -> None:
    """AssertionError, or the error of a call, if a field in the way costs more than itself."""
    before = decided(_asked(route, entry))
    tried = [path for path in paths(route, entry) if not only or path.split(".")[-1] == only]
    if not tried:
        raise ValueError(f"{route.name} tells of no field {only}")
    for path in tried:
        for value in OTHERS:
            changed = replaced(entry, path, value)
            told = _asked(route, changed)
            assert told == route.read(route.place([changed])), (path, value)
            if not decides(route, path):
                assert decided(told) == before, (path, value)


def _asked(route: Route, entry: Json) -> Any:
    return route.ask(Answered(route.name, {"response": route.place([entry])}))
