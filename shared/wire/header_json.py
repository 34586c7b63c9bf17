"""AMQP headers as JSON, and back: the values have the same types when they are published again. Pure."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

BYTES, TIME, DECIMAL, TABLE = "$bytes", "$time", "$decimal", "$table"
"""The one key of an object that stands for what JSON has not, or for a table that looks like such an object."""


_READ: dict[str, Callable[[str], Any]] = {
    BYTES: base64.b64decode,
    TIME: datetime.fromisoformat,
    DECIMAL: Decimal,
}


def plain(value: object) -> Any:
    match value:
        case dict():
            table = {str(name): plain(part) for name, part in value.items()}
            return {TABLE: table} if table.keys() & {TABLE, *_READ} else table
        case list() | tuple():
            return [plain(part) for part in value]
        case bytes() | datetime() | Decimal():
            return _named(value)
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def typed(value: Any) -> Any:
    """ValueError, ArithmeticError for what `plain` did not write."""
    match value:
        case {"$table": dict(table)} if len(value) == 1:
            return {name: typed(part) for name, part in table.items()}
        case dict():
            name, part = next(iter(value.items()), ("", None))
            if len(value) == 1 and name in _READ and isinstance(part, str):
                return _READ[name](part)
            return {name: typed(part) for name, part in value.items()}
        case list():
            return [typed(part) for part in value]
        case _:
            return value


def _named(value: bytes | datetime | Decimal) -> dict[str, str]:
    match value:
        case bytes():
            return {BYTES: base64.b64encode(value).decode()}
        case datetime():
            return {TIME: value.astimezone(UTC).isoformat()}
        case Decimal():
            return {DECIMAL: str(value)}
