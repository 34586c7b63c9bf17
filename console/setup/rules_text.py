"""One more rule as the text of a rules file, after what a person may have written there. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from shared.wire.events import EntryId

HEADER = """\
# Which uploads are invoices, where they belong and who is told. `intake setup` adds a rule at the end and leaves
# the others alone. What else a rule may say: see rules.example.toml. To check it: intake rules check FILE
"""


@dataclass(frozen=True, slots=True)
class NewRule:
    name: str
    room: EntryId
    room_title: str
    destination: EntryId
    destination_title: str
    recipients: Sequence[str]
    titles: Sequence[str] = ()
    """Empty: what a rule takes by default."""


def with_rule(text: str, rule: NewRule) -> str:
    lines = [
        "[[rule]]",
        f"name = {_toml(rule.name)}",
        f"rooms = [{_toml(rule.room)}]  # {_line(rule.room_title)}",
        f"destination = {_toml(rule.destination)}  # {_line(rule.destination_title)}",
        f"recipients = [{', '.join(map(_toml, rule.recipients))}]",
    ]
    if rule.titles:
        lines.append(f"titles = [{', '.join(map(_toml, rule.titles))}]")
    before = text or HEADER
    return before + ("" if before.endswith("\n") else "\n") + "\n" + "\n".join(lines) + "\n"


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """`wanted`, or `wanted 2` and so on: no two rules share a name."""
    wanted = _line(wanted)
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def _toml(value: object) -> str:
    """JSON's numbers and texts are TOML's, but for one control character that a text of one line has not."""
    return json.dumps(_line(value) if isinstance(value, str) else value, ensure_ascii=False)


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text).strip()
