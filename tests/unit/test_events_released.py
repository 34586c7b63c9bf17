"""What was released of the events holds: old bodies are read by new code, and new bodies by who knows the old."""

import json
from typing import ClassVar

import pytest
from jsonschema import Draft202012Validator

from console.events.examples import least, whole
from scripts.released_events import FOLDER, Frozen, faults, freeze, frozen, released
from shared.wire.events import EVENTS, Event, decode
from tests.support.documents import ROOT

BY_KEY = {event.routing_key: event for event in EVENTS}
RELEASED = released()


def named(old: Frozen) -> str:
    return f"{old['key']} {old['version']}"


class Filed(Event, frozen=True, kw_only=True, omit_defaults=True):
    routing_key: ClassVar[str] = "invoice.filed"

    file_id: int | str
    title: str
    room_title: str | None = None


OLD = frozen(Filed)


class Gone(Event, frozen=True, kw_only=True, omit_defaults=True):
    routing_key: ClassVar[str] = "invoice.filed"

    file_id: int | str
    room_title: str | None = None


class OtherType(Event, frozen=True, kw_only=True, omit_defaults=True):
    routing_key: ClassVar[str] = "invoice.filed"

    file_id: str
    title: str
    room_title: str | None = None


class OtherDefault(Event, frozen=True, kw_only=True, omit_defaults=True):
    routing_key: ClassVar[str] = "invoice.filed"

    file_id: int | str
    title: str
    room_title: str | None = "unknown"


class NoLongerAlways(Event, frozen=True, kw_only=True, omit_defaults=True):
    routing_key: ClassVar[str] = "invoice.filed"

    file_id: int | str
    title: str = ""
    room_title: str | None = None


class NeedsMore(Filed, frozen=True, kw_only=True, omit_defaults=True):
    pages: int


class HasMore(Filed, frozen=True, kw_only=True, omit_defaults=True):
    pages: int = 0


class HasMoreAndSaysSo(HasMore, frozen=True, kw_only=True, omit_defaults=True):
    schema_version: ClassVar[int] = 2


class TooFar(HasMore, frozen=True, kw_only=True, omit_defaults=True):
    schema_version: ClassVar[int] = 3


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Gone, "`title` is gone, and whoever reads version 1 relies on it. Put it back; or leave Gone as it was"),
        (OtherType, "`file_id` has changed from "),
        (OtherDefault, "`room_title` has changed from "),
        (
            NoLongerAlways,
            "`title` was always there in version 1, and now the reverse. Put it back; or leave NoLonger",
        ),
        (NeedsMore, "`pages` is new and has no default, so a body of version 1 lacks it. Give it one"),
        (HasMore, "fields have come since version 1, which is released. Set its schema_version to 2"),
        (TooFar, "its schema_version is 3, and must be 2: 1 is the newest that is released"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_change_that_breaks_a_reader_is_named_with_what_to_do(event: type[Event], sentence: str) -> None:
    (told,) = faults([OLD], [event])
    assert told.startswith(f"invoice.filed: {sentence}")


def test_an_event_that_is_taken_away_is_named() -> None:
    assert faults([OLD], []) == [
        "invoice.filed: no event has this routing key, and others bind queues to it. Put Filed back"
    ]


@pytest.mark.parametrize("event", [Filed, HasMoreAndSaysSo])
def test_what_breaks_nobody_may_change(event: type[Event]) -> None:
    assert faults([OLD], [event]) == []


def test_nothing_that_was_released_has_changed() -> None:
    assert faults(RELEASED) == []


@pytest.mark.parametrize("old", RELEASED, ids=named)
def test_a_body_of_a_released_version_is_read(old: Frozen) -> None:
    for body in old["examples"]:
        decode(json.dumps(body).encode(), BY_KEY[old["key"]])


@pytest.mark.parametrize("old", RELEASED, ids=named)
def test_a_new_body_is_valid_for_who_knows_a_released_version(old: Frozen) -> None:
    event = BY_KEY[old["key"]]
    for body in (whole(event), least(event)):
        Draft202012Validator(old["schema"]).validate(body)


def test_a_version_that_is_released_is_frozen() -> None:
    newest = next(line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## "))
    missing = {(event.routing_key, event.schema_version) for event in EVENTS} - {
        (old["key"], old["version"]) for old in RELEASED
    }
    assert not missing or "Unreleased" in newest, f"run `python -m scripts.released_events` for {missing}"


def test_what_is_frozen_is_never_written_again(tmp_path) -> None:
    first = list(freeze(tmp_path))
    assert len(first) == len(EVENTS)
    first[0].write_text("{}")
    assert list(freeze(tmp_path)) == []
    assert first[0].read_text() == "{}"


def test_each_file_is_named_after_what_it_holds() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.json")) == sorted(
        f"{old['key']}.{old['version']}.json" for old in RELEASED
    )
