"""The settings, from the classes that the processes read them with."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic.fields import FieldInfo

import classifier.__main__
import dispatcher.__main__
import ingress.__main__
import mover.__main__
import notifier.__main__
from console.commands import Loading
from console.reconcile.settings import Settings as Reconcile
from console.web.settings import WebSettings
from scripts.reference.table import code, plain, table
from shared.process.cli import written_default
from shared.process.settings import SECRETS, History, SettingsGroup

WORKERS: Mapping[str, type[SettingsGroup]] = {
    "ingress": ingress.__main__.Settings,
    "classifier": classifier.__main__.Settings,
    "mover": mover.__main__.Settings,
    "notifier": notifier.__main__.Settings,
    "dispatcher": dispatcher.__main__.Settings,
}
SERVICES: Mapping[str, type[SettingsGroup]] = {
    "`history`": History,
    "`reconcile`": Reconcile,
    "`web`": WebSettings,
}
UNITS = {
    "_S": "seconds",
    "_BYTES": "bytes",
    "_DAYS": "days",
    "_HOUR": "hour of the day",
    "_CONCURRENCY": "messages",
}


class Read(NamedTuple):
    reader: str
    info: FieldInfo


def settings() -> dict[str, list[Read]]:
    """Every variable, with who reads it and how."""
    found: dict[str, list[Read]] = {}
    for reader, kind in _readers():
        for field, info in kind.model_fields.items():
            found.setdefault(field.upper(), []).append(Read(reader, info))
    return found


def _readers() -> Iterator[tuple[str, type[SettingsGroup]]]:
    yield from WORKERS.items()
    yield from SERVICES.items()
    dict(Loading())  # with the commands come their settings
    for kind in _below(SettingsGroup):
        if kind.__module__.startswith("console.") and kind not in SERVICES.values():
            yield "other commands", kind


def _below(kind: type[SettingsGroup]) -> Iterator[type[SettingsGroup]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def sections() -> str:
    head = ("name", "default", "unit", "read by", "meaning")
    return table(head, (_row(name, read) for name, read in sorted(settings().items())))


def _row(name: str, read: list[Read]) -> tuple[str, ...]:
    shown = f"`{name}`" + (" *" if name in SECRETS else "")
    unit = next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "")
    meaning = plain(read[0].info.description or "")
    return shown, _default(read), unit, _named([each.reader for each in read]), meaning


def _default(read: list[Read]) -> str:
    """One, or each with who has it."""
    of: dict[str, list[str]] = {}
    for each in read:
        of.setdefault(_written(each.info), []).append(each.reader)
    if len(of) == 1:
        return next(iter(of))
    return ", ".join(f"{default} ({_named(readers)})" for default, readers in of.items())


def _written(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    return code(written_default(info.default)) or "none"


def _named(readers: list[str]) -> str:
    names = list(dict.fromkeys(readers))
    if names[: len(WORKERS)] == list(WORKERS):
        names[: len(WORKERS)] = ["every worker"]
    return ", ".join(names)
