"""How the roles look on a terminal, and for a program. Pure."""

from collections.abc import Iterator
from typing import Any

from shared.amqp.operator.roles import Role, key_pattern, pattern

NOTHING = "-"


def lines(role: Role) -> Iterator[str]:
    yield f"{role.name}, as {role.user}"
    for what, names in rights(role).items():
        yield f"  {what:<10} {', '.join(names) or NOTHING}"


def rights(role: Role) -> dict[str, tuple[str, ...]]:
    return {
        "configure": role.configure,
        "write": role.write,
        "read": role.read,
        "publishes": role.publishes,
        "hears": role.hears,
        "tags": role.tags,
    }


def record(role: Role) -> dict[str, Any]:
    return {
        "role": role.name,
        "user": role.user,
        **rights(role),
        "patterns": {
            "configure": pattern(role.configure),
            "write": pattern(role.write),
            "read": pattern(role.read),
            "publishes": key_pattern(role.publishes),
            "hears": key_pattern(role.hears),
        },
    }
