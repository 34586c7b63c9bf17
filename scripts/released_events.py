"""The events as they were released: `python -m scripts.released_events` freezes those of this version.

What others rely on is in tests/released/events, a file for each version of each event. `faults` says what may not
change any more, and what to do instead.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from console.events.examples import least, whole
from console.events.schema import schema_of
from shared.wire.events import EVENTS, Event

FOLDER = Path(__file__).resolve().parents[1] / "tests/released/events"
INSTEAD = "leave {name} as it was released, and publish what has changed as a class with a routing key of its own"

Frozen = dict[str, Any]
"""`key`, `version`, `schema` without its descriptions, and `examples`: bodies as that version wrote them."""


def frozen(event: type[Event]) -> Frozen:
    schema = _without_words(schema_of(event))
    return {
        "key": event.routing_key,
        "version": event.schema_version,
        "schema": schema,
        "examples": [whole(event), least(event)],
    }


def released(folder: Path = FOLDER) -> list[Frozen]:
    """The older versions of an event before the newer."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(found, key=lambda each: (each["key"], each["version"]))


def faults(olds: Sequence[Frozen], events: Sequence[type[Event]] = EVENTS) -> list[str]:
    """A sentence for each change that would break who reads what was released; it says what to do."""
    now = {event.routing_key: event for event in events}
    newest = {old["key"]: old for old in olds}
    found = [fault for old in olds for fault in _changes(old, now.get(old["key"]))]
    return found or [fault for old in newest.values() for fault in _version(old, now[old["key"]])]


def _changes(old: Frozen, event: type[Event] | None) -> Iterator[str]:
    key, version, schema = old["key"], old["version"], old["schema"]
    if event is None:
        yield f"{key}: no event has this routing key, and others bind queues to it. Put {schema['title']} back"
        return
    new = _without_words(schema_of(event))
    instead = f"Put it back; or {INSTEAD.format(name=event.__name__)}"
    for name, told in schema["properties"].items():
        always, was = name in new["required"], name in schema["required"]
        if name not in new["properties"]:
            yield f"{key}: `{name}` is gone, and whoever reads version {version} relies on it. {instead}"
        elif always != was:
            words = "always there" if was else "not always there"
            yield f"{key}: `{name}` was {words} in version {version}, and now the reverse. {instead}"
        elif new["properties"][name] != told:
            changed = f"from {json.dumps(told)} to {json.dumps(new['properties'][name])}"
            yield f"{key}: `{name}` has changed {changed} since version {version}. {instead}"
    for name in new["required"]:
        if name not in schema["properties"]:
            yield f"{key}: `{name}` is new and has no default, so a body of version {version} lacks it. Give it one"
    if any(new.get("$defs", {}).get(name) != told for name, told in schema.get("$defs", {}).items()):
        yield f"{key}: a type within it has changed since version {version}. {instead}"


def _version(old: Frozen, event: type[Event]) -> Iterator[str]:
    """Of the newest that was released."""
    key, last, now = old["key"], old["version"], event.schema_version
    next_ = last if frozen(event)["schema"] == old["schema"] else last + 1
    if (now, next_) == (last, last + 1):
        yield f"{key}: fields have come since version {last}, which is released. Set its schema_version to {next_}"
    elif now != next_:
        yield f"{key}: its schema_version is {now}, and must be {next_}: {last} is the newest that is released"


def _without_words(schema: Any) -> Any:
    """Sentences may change."""
    if isinstance(schema, dict):
        return {
            key: _without_words(each)
            for key, each in schema.items()
            if not (key == "description" and isinstance(each, str)) and key not in {"$id", "x-version"}
        }
    return [_without_words(each) for each in schema] if isinstance(schema, list | tuple) else schema


def freeze(folder: Path = FOLDER) -> Iterator[Path]:
    """Writes what is not there yet; nothing that is there is touched."""
    folder.mkdir(parents=True, exist_ok=True)
    for event in EVENTS:
        path = folder / f"{event.routing_key}.{event.schema_version}.json"
        if not path.exists():
            path.write_text(json.dumps(frozen(event), indent=1) + "\n", encoding="utf-8")
            yield path


if __name__ == "__main__":
    for path in freeze():
        print(f"froze {path.name}")
