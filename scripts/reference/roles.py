"""What each role may do on the broker, from shared/amqp/operator/roles.py."""

from scripts.reference.table import code, table
from shared.amqp.operator.roles import Role, developer, roles

HEAD = ("role", "configure", "write", "read", "publishes", "hears", "tag")


def sections() -> str:
    return table(HEAD, map(_row, (*roles(), developer("NAME"))))


def _row(role: Role) -> tuple[str, ...]:
    rights = (role.configure, role.write, role.read, role.publishes, role.hears, role.tags)
    return (code(role.name), *(", ".join(map(code, names)) or "-" for names in rights))
