"""How long, as people type it (30m, 2h, 7d) and as they read it."""

import re

import typer

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


def seconds(text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if not found:
        raise typer.BadParameter(f"{text!r} is no time such as 30m, 2h or 7d")
    return int(found[1]) * UNITS[found[2]]


def age(seconds: float) -> str:
    """`45s`, `3m 12s`, `5h 2m`, `2d 4h`."""
    whole = int(seconds)
    for unit, name, smaller, smaller_name in ((DAY_S, "d", HOUR_S, "h"), (HOUR_S, "h", MINUTE_S, "m")):
        if whole >= unit:
            return f"{whole // unit}{name} {whole % unit // smaller}{smaller_name}"
    return f"{whole // MINUTE_S}m {whole % MINUTE_S}s" if whole >= MINUTE_S else f"{whole}s"


def short_age(seconds: float) -> str:
    """`45s`, `3m`, `5h`, `2d`: four characters, for years."""
    return age(max(0.0, seconds)).partition(" ")[0]
