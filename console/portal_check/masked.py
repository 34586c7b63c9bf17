"""What was exchanged, without names, titles, ids, addresses and keys: for a bug report, and for a test. Pure."""

import json
import re
from pathlib import Path
from typing import Any

from console.portal_check.beliefs import FREE, MOMENT, kind
from console.portal_check.exchanges import Exchange

HIDDEN = "…"
_EXTENSION = re.compile(r"\.[a-z0-9]{1,5}")
_ID = re.compile(r"(^|[a-z])[iI]ds?$")
_NUMBER = re.compile(r"(?<=/)\d+(?=[/?]|$)")


class Mask:
    """The same id is the same small number in all that it masks."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def exchange(self, exchange: Exchange) -> dict[str, Any]:
        """As the files in tests/recorded."""
        return {
            "note": exchange.step,
            "method": exchange.method,
            "path": self.path(exchange.path),
            "request": self.value(exchange.request),
            "status": exchange.status,
            "content_type": exchange.content_type,
            "answer": self.value(exchange.answer),
        }

    def path(self, path: str) -> str:
        return _NUMBER.sub(lambda found: str(self._number(found[0])), path)

    def value(self, value: object, name: str = "") -> Any:
        match value:
            case dict():
                free = name in FREE
                return {HIDDEN if free else key: self.value(each, key) for key, each in value.items()}
            case list():
                return [self.value(each, name) for each in value]
            case bool() | None:
                return value
            case str():
                return (
                    value if kind(value).startswith(MOMENT) or _EXTENSION.fullmatch(value) or not value else HIDDEN
                )
            case int() if value and (_ID.search(name) or "FolderId" in name):
                return self._number(str(value))
            case _:
                return value

    def _number(self, told: str) -> int:
        return self._numbers.setdefault(told, len(self._numbers) + 1)


def write(folder: Path, exchanges: list[Exchange]) -> int:
    """One file each; how many. OSError where the folder cannot be written to."""
    folder.mkdir(parents=True, exist_ok=True)
    mask = Mask()
    for number, exchange in enumerate(exchanges, 1):
        name = f"{number:02}-{exchange.method.lower()}-{re.sub('[^a-z]+', '-', exchange.step)}.json"
        text = json.dumps(mask.exchange(exchange), indent=1, ensure_ascii=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return len(exchanges)
