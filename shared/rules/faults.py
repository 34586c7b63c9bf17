"""Says in plain words what pydantic found wrong with a rule or a recipient.

Never shows a value of `notify`: they are secrets.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

WORDS = {
    "missing": "is missing",
    "tuple_type": "must be a list, such as [{example}]",
    "string_type": "must be a text in quotes",
    "bool_type": "must be true or false",
}
EXAMPLES = {
    "rooms": "86190",
    "room_names": '"Client *"',
    "room_tags": '"client"',
    "triggers": '"file.uploaded"',
    "titles": '"invoice"',
    "recipients": '"manager@example.com"',
    "notify": '"slack://…"',
    "events": '"invoice.filed"',
    "rules": '"acme"',
}


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    """Empty where it is about the whole."""
    text: str

    def __str__(self) -> str:
        return f"{self.field}: {self.text}" if self.field else self.text


def faults(error: ValidationError, known: Iterable[str] = ()) -> list[Fault]:
    """`known`: the fields that there are."""
    raws = error.errors(include_url=False, include_input=False)
    return list(dict.fromkeys(_fault(raw, known) for raw in raws))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _fault(raw: Any, known: Iterable[str]) -> Fault:
    field = str(raw["loc"][0]) if raw["loc"] else ""
    if raw["type"] == "extra_forbidden":
        return Fault(field, f"unknown key{did_you_mean(field, known)}")
    if raw["type"] == "value_error":
        return Fault(field, str(raw["ctx"]["error"]))
    words = WORDS.get(raw["type"], str(raw["msg"]))
    return Fault(field, words.format(example=EXAMPLES.get(field, "…")) if "{example}" in words else words)
