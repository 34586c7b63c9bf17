"""Gives the roles of `shared.store.roles` their rights on PostgreSQL. Repeating it is safe.

What a role has beyond the table of rights is taken back. Other roles, and what anybody gave to all, are left alone.
"""

import contextlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.errors import PermanentError, TransientError
from shared.store.database import SCHEMA_LOCK, engine_for, transaction, url_of
from shared.store.faults import sentence
from shared.store.roles import GRANTED, OWNER, ROLES, TABLES, user_of
from shared.store.schema import LOCK_TIMEOUT, NOT_PERMITTED
from shared.store.scram import SALT_BYTES, verifier
from shared.text.codes import Code

NO_ROLES = "SQLite has no roles: whoever may write its file may do everything"

_ALONE = (f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})", f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


def script(passwords: Mapping[str, str]) -> str:
    """For `psql`: what `apply` does, all or nothing. PermanentError for a bad password."""
    return "".join(f"{each};\n" for each in ("BEGIN", *_ALONE, *_everything(passwords), "COMMIT"))


def apply(database_url: str, passwords: Mapping[str, str]) -> None:
    """Make the roles, give them the schema and the tables that there are, and make one of them the tables' owner.

    `passwords` are by role; a role that is not among them keeps the one that it has. PermanentError for a bad
    password, for SQLite, and where this user may not do it; TransientError where the server cannot be reached.
    """
    statements = list(_everything(passwords))
    url = url_of(database_url)
    if url.drivername == "sqlite":
        raise PermanentError(NO_ROLES)
    with _alone(url) as connection:
        _execute(connection, statements)


def renew(database_url: str) -> tuple[str, ...]:
    """Give the roles that there are their rights on all tables; which roles those are, none on SQLite.

    Call it when the tables were brought to the newest version. The errors are those of `apply`.
    """
    url = url_of(database_url)
    if url.drivername == "sqlite":
        return ()
    with _alone(url) as connection:
        found = set(connection.execute(sa.text("SELECT rolname FROM pg_roles")).scalars())
        there = tuple(role for role in GRANTED if user_of(role) in found)
        if there:
            _execute(connection, [_on_table(table, there) for table in TABLES])
    return there


def is_superuser(database_url: str) -> bool:
    """Of the user in the URL; nobody is one on SQLite. TransientError where the server cannot be reached."""
    url = url_of(database_url)
    if url.drivername == "sqlite":
        return False
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            query = sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            return bool(connection.execute(query).scalar_one())
    except (SQLAlchemyError, OSError) as error:
        said = sentence(error, url.password or "")
        raise TransientError(f"the database cannot be reached: {said}", code=Code.DATABASE) from error
    finally:
        engine.dispose()


@contextlib.contextmanager
def _alone(url: sa.URL) -> Iterator[sa.Connection]:
    """A transaction, while nobody else grants or changes tables."""
    engine = engine_for(url, writes=True)
    try:
        with engine.connect() as connection, transaction(connection):
            _execute(connection, _ALONE)
            yield connection
    except (SQLAlchemyError, OSError) as error:
        said = sentence(error, url.password or "")
        if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == NOT_PERMITTED:
            raise PermanentError(f"this user may not give the database's roles their rights: {said}") from error
        raise TransientError(f"the database cannot be reached: {said}", code=Code.DATABASE) from error
    finally:
        engine.dispose()


def _execute(connection: sa.Connection, statements: Iterable[str]) -> None:
    for statement in statements:  # none has a %, which the driver would take for a parameter
        connection.exec_driver_sql(statement)


def _everything(passwords: Mapping[str, str]) -> Iterator[str]:
    for role in ROLES:
        there = f"EXISTS (SELECT FROM pg_roles WHERE rolname = '{user_of(role)}')"
        yield _if(f"NOT {there}", f"CREATE ROLE {_user(role)}")
        password = f" PASSWORD '{_kept(role, passwords[role])}'" if role in passwords else ""
        yield f"ALTER ROLE {_user(role)} LOGIN{password}"
    # Only a member of a role can make it an owner. The one who was it before keeps what they may do so.
    yield _if(f"NOT pg_has_role('{user_of(OWNER)}', 'USAGE')", f"GRANT {_user(OWNER)} TO CURRENT_USER")
    yield _on_schema()
    for table in TABLES:
        yield _owned(table)
        yield _on_table(table, GRANTED)


def _on_schema() -> str:
    """The owner makes the extension of the text index too. Before PostgreSQL 15 anybody might make tables."""
    database, schema = "' || quote_ident(current_database()) || '", "' || quote_ident(current_schema()) || '"
    return _do(
        *(
            f"EXECUTE '{each}';"
            for each in (
                f"GRANT CONNECT ON DATABASE {database} TO {_users(ROLES)}",
                f"REVOKE CREATE ON DATABASE {database} FROM {_users(GRANTED)}",
                f"GRANT CREATE ON DATABASE {database} TO {_user(OWNER)}",
                f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {_users(GRANTED)}",
                f"GRANT USAGE ON SCHEMA {schema} TO {_users(ROLES)}",
                f"GRANT CREATE ON SCHEMA {schema} TO {_user(OWNER)}",
            )
        )
    )


def _owned(table: str) -> str:
    """Only where it is another's: the change waits for everybody who uses the table."""
    of_another = (
        f"EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('{table}') "
        f"AND pg_get_userbyid(relowner) <> '{user_of(OWNER)}')"
    )
    return _if(of_another, f"ALTER TABLE {table} OWNER TO {_user(OWNER)}")


def _on_table(table: str, roles: Collection[str]) -> str:
    """Takes back whatever these roles had, rights on columns too, and gives them what they may have."""
    rights = TABLES[table]
    given = (f"GRANT {', '.join(rights[role])} ON {table} TO {_user(role)}" for role in roles if role in rights)
    return _if(f"to_regclass('{table}') IS NOT NULL", f"REVOKE ALL ON {table} FROM {_users(roles)}", *given)


def _if(condition: str, *statements: str) -> str:
    return _do(f"IF {condition} THEN", *(f"  {each};" for each in statements), "END IF;")


def _do(*lines: str) -> str:
    return "\n".join(("DO $$ BEGIN", *(f"  {line}" for line in lines), "END $$"))


def _user(role: str) -> str:
    return f'"{user_of(role)}"'


def _users(roles: Iterable[str]) -> str:
    return ", ".join(map(_user, roles))


def _kept(role: str, password: str) -> str:
    try:
        return verifier(password, secrets.token_bytes(SALT_BYTES))
    except ValueError as error:
        raise PermanentError(f"the password of {role} cannot be used: {error}") from None
