"""A `.env` file: read, and changed without touching the lines that are not ours. Pure.

What is written means the same to Docker Compose and to a shell.
"""

import re
from collections.abc import Mapping

HEADER = "# Written by `intake setup`, which may be run again. What else may be set: see .env.example.\n"
_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*?)\s*")
_QUOTED = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)\"""")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=~-]*")
"""What neither Compose nor a shell reads anything into."""


def values(text: str) -> dict[str, str]:
    """By name; of a name that is set twice the last counts."""
    return {found["name"]: _unquoted(found["value"]) for found in map(_LINE.fullmatch, text.splitlines()) if found}


def changed(text: str, new: Mapping[str, str | None]) -> str:
    """`text` with these values in place of their old ones, or at its end. None makes a comment of what is set.

    ValueError, without the value, for one that no `.env` can hold.
    """
    lines = text.splitlines()
    rest: dict[str, str] = {}
    for name, value in new.items():
        found = [at for at, line in enumerate(lines) if (match := _LINE.fullmatch(line)) and match["name"] == name]
        if value is None:
            for at in found:
                lines[at] = f"#{lines[at]}"
        elif found:
            lines[found[-1]] = f"{name}={_quoted(name, value)}"
        else:
            rest[name] = _quoted(name, value)
    if rest and lines and lines[-1].strip():
        lines.append("")
    lines += [f"{name}={value}" for name, value in rest.items()]
    return "".join(f"{line}\n" for line in lines)


def _unquoted(value: str) -> str:
    quoted = _QUOTED.match(value)
    if quoted is None:
        return re.split(r"\s+#", f" {value}")[0].strip()
    if quoted["single"] is not None:
        return quoted["single"]
    return re.sub(r"\\(.)", r"\1", quoted["double"])


def _quoted(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    if "'" in value or value.endswith("\\") or not value.isprintable():
        raise ValueError(f"{name} holds a quote, a backslash at its end or a line break, which .env cannot carry")
    return f"'{value}'"
