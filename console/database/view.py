"""How the roles look on a terminal, and for a program. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.store.roles import OWNER, TABLES, user_of

OWNS = "owns the tables, makes and changes them"


def lines(role: str) -> Iterator[str]:
    yield f"{role}, as {user_of(role)}"
    if role == OWNER:
        yield f"  {OWNS}"
    for table, rights in rights_of(role).items():
        yield f"  {table:<18} {', '.join(map(str.lower, rights))}"


def rights_of(role: str) -> Mapping[str, tuple[str, ...]]:
    """By table; those of others on the tables alone, as the owner has all."""
    return {table: rights[role] for table, rights in TABLES.items() if role in rights}


def record(role: str) -> dict[str, Any]:
    return {"role": role, "user": user_of(role), "owns": role == OWNER, "tables": rights_of(role)}
