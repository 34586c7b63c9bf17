"""Dead letters as a person reads them: a table on a terminal, blocks in a pipe."""

from collections.abc import Sequence
from typing import Any

from console.dead.archive import pretty, record
from console.dead.facts import Group, title, utc, with_code
from console.terminal.printing import say_table
from shared.amqp.operator.dead_letters import DeadLetter
from shared.text.outside import cell
from shared.text.reading import loads

_ID_WIDTH = 36
"""A UUID's: an id that is broken in two cannot be copied."""


def as_json(group: Group) -> dict[str, Any]:
    example = group.letters[0]
    return {
        "stage": group.stage,
        "reason": group.reason,
        "code": group.code,
        "count": len(group.letters),
        "first": _first(group),
        "last": _last(group),
        "example": {"message_id": example.message_id, "title": title(example)},
    }


def plain(groups: Sequence[Group]) -> str:
    return "\n\n".join(
        "\n".join(
            [
                cell(f"{group.stage}: {len(group.letters)} x {with_code(group.code, group.reason)}"),
                f"  first    {_first(group) or 'unknown'}",
                f"  last     {_last(group) or 'unknown'}",
                f"  example  {_example(group)}",
            ]
        )
        for group in groups
    )


def rich_table(groups: Sequence[Group]) -> None:
    columns = ("stage", "count", "reason", "first, last, example")
    say_table(columns, ((_row(group), "") for group in groups), lines=True, last_width=_ID_WIDTH)


def _row(group: Group) -> tuple[str, ...]:
    times = dict.fromkeys((_first(group) or "unknown", _last(group) or "unknown"))
    reason = cell(with_code(group.code, group.reason))
    return group.stage, str(len(group.letters)), reason, "\n".join([*times, _example(group, "\n")])


def whole(letter: DeadLetter) -> str:
    """Everything that the broker has of it."""
    told = record(letter)
    try:
        body = pretty(loads(letter.body))
    except ValueError:
        body = f"({told['body_encoding']}) {told['body']}"
    parts = [
        f"{letter.message_id} in {letter.stage}.dead",
        cell(f"died {told['died_at'] or 'at an unknown time'}: {with_code(told['code'], told['reason'])}"),
        *("", "properties", _rows(letter.properties)),
        *("", "headers", _rows(letter.headers)),
        *("", "body", body),
    ]
    return "\n".join(parts)


def one(letter: DeadLetter) -> str:
    """One line that tells it from the others."""
    about = title(letter)
    return cell(f"{letter.stage}  {letter.message_id}" + (f'  "{about}"' if about else ""))


def _rows(values: dict[str, Any]) -> str:
    width = max(map(len, values), default=0)
    return "\n".join(f"  {name:<{width}}  {_cell(value)}" for name, value in values.items()) or "  none"


def _cell(value: object) -> str:
    return (value if isinstance(value, str) else pretty(value)).replace("\n", "\n    ")


def _first(group: Group) -> str | None:
    return utc(group.times[0]) if group.times else None


def _last(group: Group) -> str | None:
    return utc(group.times[-1]) if group.times else None


def _example(group: Group, gap: str = " ") -> str:
    example = group.letters[0]
    about = title(example)
    return cell(example.message_id) + (f'{gap}"{cell(about)}"' if about else "")
