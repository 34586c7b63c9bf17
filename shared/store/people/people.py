"""People, their roles, their passwords' hashes, and the links that invite them.

Methods raise TransientError. Times are seconds since the epoch.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.people.person import Person, Role
from shared.store.people.tables import INVITES, PEOPLE, SESSIONS
from shared.store.people.tokens import hash_of, new_token
from shared.text.outside import one_line, storable

INVITED_S = 600
"""How long an invitation lasts."""
NAME_CHARS = 64


class BadNameError(ValueError):
    """Not a name that a person can have here; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Invite:
    person: Person
    sets_password: bool
    """False: it signs in once, and no password comes to be."""
    ends_at: float


@dataclass(frozen=True, slots=True)
class Member:
    """A person as an admin sees them."""

    person: Person
    has_password: bool
    sessions: int
    seen_at: float | None


class People:
    """Safe from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> Person | None:
        with self._database.connection() as connection:
            row = connection.execute(sa.select(PEOPLE).where(PEOPLE.c.name == folded(name))).first()
        return None if row is None else person_from(row)

    def everybody(self) -> list[Member]:
        """By name. Sessions count until they are ended or pruned."""
        query = (
            sa.select(
                PEOPLE, sa.func.count(SESSIONS.c.id).label("sessions"), sa.func.max(SESSIONS.c.seen_at).label("at")
            )
            .outerjoin(SESSIONS, SESSIONS.c.name == PEOPLE.c.name)
            .group_by(*PEOPLE.c)
            .order_by(PEOPLE.c.name)
        )
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return [Member(person_from(row), row.password is not None, row.sessions, row.at) for row in rows]

    def put(self, name: str, role: Role, now: float) -> Person:
        """Make the person, or change the role of one that there is. BadNameError."""
        shown = checked_name(name)
        insert = self._database.insert(PEOPLE).values(name=folded(shown), shown=shown, role=role, made_at=now)
        with self._database.connection(writes=True) as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"role": role}))
            row = connection.execute(sa.select(PEOPLE).where(PEOPLE.c.name == folded(shown))).one()
        return person_from(row)

    def remove(self, name: str) -> None:
        """With the sessions and links. One that is not there stays away."""
        with self._database.connection(writes=True) as connection, transaction(connection):
            for table in (SESSIONS, INVITES, PEOPLE):
                connection.execute(sa.delete(table).where(table.c.name == folded(name)))

    def choose(self, name: str, *, language: str | None, zone: str | None, theme: str | None) -> None:
        chosen = {"language": language, "zone": zone, "theme": theme}
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(PEOPLE).where(PEOPLE.c.name == folded(name)).values(**chosen))

    def password(self, name: str) -> str | None:
        """Its hash; None where nobody has that name, or no password was set."""
        with self._database.connection() as connection:
            found: str | None = connection.execute(
                sa.select(PEOPLE.c.password).where(PEOPLE.c.name == folded(name))
            ).scalar()
        return found

    def invite(self, name: str, role: Role, now: float, *, by: str, sets_password: bool = True) -> str:
        """The token of a link for INVITED_S, which is told once. Makes the person, who cannot sign in yet."""
        person, token = self.put(name, role, now), new_token()
        row = {
            "token": hash_of(token), "name": folded(person.name), "made_by": by,
            "sets_password": int(sets_password), "ends_at": now + INVITED_S,
        }  # fmt: skip
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.delete(INVITES).where(INVITES.c.ends_at <= now))
            connection.execute(sa.insert(INVITES).values(row))
        return token

    def invited(self, token: str, now: float) -> Invite | None:
        """Looks, and uses nothing up."""
        query = (
            sa.select(PEOPLE, INVITES.c.sets_password, INVITES.c.ends_at)
            .join(INVITES, INVITES.c.name == PEOPLE.c.name)
            .where(INVITES.c.token == hash_of(token), INVITES.c.ends_at > now)
        )
        with self._database.connection() as connection:
            row = connection.execute(query).first()
        return None if row is None else Invite(person_from(row), bool(row.sets_password), row.ends_at)

    def accept(self, token: str, now: float, password: str | None) -> bool:
        """Use the link up: of several at once, one is told True. A new password's hash ends all older sessions."""
        used = (
            sa.delete(INVITES)
            .where(INVITES.c.token == hash_of(token), INVITES.c.ends_at > now)
            .returning(INVITES.c.name)
        )
        with self._database.connection(writes=True) as connection, transaction(connection):
            name = connection.execute(used).scalar()
            if name is not None and password is not None:
                connection.execute(sa.update(PEOPLE).where(PEOPLE.c.name == name).values(password=password))
                connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.name == name))
        return name is not None


def checked_name(name: str) -> str:
    """As it is shown. BadNameError."""
    shown = one_line(storable(name))
    if not shown:
        raise BadNameError("a person needs a name")
    if len(shown) > NAME_CHARS or not shown.isprintable() or "/" in shown:
        raise BadNameError(f"a name has at most {NAME_CHARS} characters, none of them a / or a control character")
    return shown


def folded(name: str) -> str:
    return one_line(storable(name)).casefold()


def person_from(row: sa.Row[tuple[object, ...]]) -> Person:
    return Person(name=row.shown, role=Role(row.role), language=row.language, zone=row.zone, theme=row.theme)
