"""What each role may do in the database, from shared/store/roles.py."""

from scripts.reference.table import code, table
from shared.store.roles import GRANTED, TABLES

HEAD = ("table", "role", "may")


def sections() -> str:
    return table(HEAD, (row for name in TABLES for row in _rows(name)))


def _rows(name: str) -> list[tuple[str, ...]]:
    rights = TABLES[name]
    return [(code(name), code(role), ", ".join(map(str.lower, rights[role]))) for role in GRANTED if role in rights]
