"""The checks of this folder find a wire type that is stricter than the portal: each field is made so in turn."""

import types
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.json import Decoder

from shared.docspace import places, webhook_log, webhooks, wire
from shared.docspace.errors import TryLaterError
from shared.docspace.field import Field, reader
from tests.contract.wire.changes import check
from tests.contract.wire.routes import ROUTES, Route
from tests.contract.wire.sdk_models import sample

WIRES: dict[type[msgspec.Struct], tuple[str, list[Any]]] = {
    wire.FileWire: ("GET files/file/1", [wire]),
    wire.FolderWire: ("POST files/folder/1", [wire, places]),
    wire.PageWire: ("GET files/1", [wire]),
    wire.KeyWire: ("GET keys/@self", [wire]),
    wire.SettingsWire: ("GET settings", [wire]),
    wire.OperationWire: ("PUT files/fileops/move", [wire]),
    wire._Person: ("GET files/file/1", [wire]),
    wire._Rights: ("GET files/folder/1", [wire]),
    webhooks._Config: ("POST settings/webhook", [webhooks]),
    webhook_log._Row: ("GET settings/webhooks/log", [webhook_log]),
}
"""Where each struct is read, and the modules that know it by name."""

READERS = {wire._Person: "_person", wire._Rights: "_rights"}


def fields() -> Iterator[tuple[type[msgspec.Struct], str]]:
    for struct in WIRES:
        for field in msgspec.structs.fields(struct):
            if field.type is Field:
                yield struct, field.name


def remade(struct: type[msgspec.Struct], name: str, kind: Any) -> type[msgspec.Struct]:
    """A copy in which one field is read as `kind`, and then handed on as it came."""

    def __post_init__(self: Any) -> None:  # noqa: N807 # msgspec's name
        setattr(self, name, msgspec.Raw(msgspec.json.encode(getattr(self, name))))

    members = {"__annotations__": {name: kind}, name: None, "__post_init__": __post_init__, "__module__": __name__}
    return types.new_class(struct.__name__, (struct,), exec_body=lambda namespace: namespace.update(members))


def route_of(struct: type[msgspec.Struct]) -> Route:
    kinds = {"page"} if struct is wire.PageWire else {route.kind for route in ROUTES} - {"page"}
    return next(route for route in ROUTES if route.name == WIRES[struct][0] and route.kind in kinds)


def checked(struct: type[msgspec.Struct], name: str, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, route = remade(struct, name, kind), route_of(struct)
    for module in WIRES[struct][1]:
        monkeypatch.setattr(module, struct.__name__, copy)
    if struct in READERS:
        monkeypatch.setattr(wire, READERS[struct], reader(Decoder(copy)))
    encoded = next(field.encode_name for field in msgspec.structs.fields(struct) if field.name == name)

    check(route, sample(route.item), only=encoded)


@pytest.mark.parametrize(("struct", "name"), list(fields()), ids=lambda value: getattr(value, "__name__", value))
def test_a_field_that_is_made_stricter_is_found(struct: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for strict in (str | None, int | None):
        with monkeypatch.context() as patch, pytest.raises((AssertionError, TryLaterError)):
            checked(struct, name, strict, patch)


@pytest.mark.parametrize(("struct", "name"), list(fields()), ids=lambda value: getattr(value, "__name__", value))
def test_a_copy_that_is_as_lenient_passes(struct: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checked(struct, name, Any, monkeypatch)


def test_every_field_of_every_wire_type_is_tried() -> None:
    assert len(list(fields())) >= 50
