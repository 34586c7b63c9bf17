"""How long, as people type it: 30m, 2h, 7d."""

import re

import typer

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if not found:
        raise typer.BadParameter(f"{text!r} is no time such as 30m, 2h or 7d")
    return int(found[1]) * UNITS[found[2]]
