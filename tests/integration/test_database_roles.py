"""Each role on a real PostgreSQL: it may do what is written here by hand, and is refused all else."""

from collections import defaultdict
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from shared.store import grants
from shared.store.roles import GRANTED, user_of
from shared.store.upgrade import upgrade
from tests.support.roles import Roles

ALL = "select insert update delete"
RULES = "rulebook_texts rulebook_switches"
HISTORY = "history_uploads history_steps history_position"
OUTBOX = "outbox_windows outbox_channels outbox_invoices outbox_items"
HOOKS = "hook_endpoints hook_attempts"
SWEEP = "sweep_baselines sweep_known sweep_due sweep_notes"
PROBLEMS = "problems problem_told problem_channels problem_silences"
ACTIONS = "actions action_items letters_put_away pauses audit"
PEOPLE = "people people_invites people_sessions people_attempts"

BY_A_PERSON = {
    "actions": "select insert update",
    "action_items": "select insert update",
    "letters_put_away": "select insert delete update:taken_back_at update:taken_back_by",
    "pauses": ALL,
    "audit": "select insert update:result update:ended_at",
    RULES: "select insert",
    "outbox_windows": "select update:due_at update:published_at update:offered_until",
    "problems": "select update:acknowledged_by update:acknowledged_at",
    "problem_silences": "select insert update",
}
MAY = {
    "classifier": {f"pauses {RULES}": "select"},
    "mover": {"ledger": ALL, f"pauses {RULES}": "select"},
    "notifier": {
        "ledger outbox_windows outbox_invoices outbox_items": ALL,
        "outbox_channels": "select insert update",
        f"pauses {RULES}": "select",
    },
    "dispatcher": {f"ledger {HOOKS}": ALL, f"pauses {RULES}": "select"},
    "history": {HISTORY: ALL, "actions action_items audit": "select delete"},
    "reconciler": {
        f"ledger problem_silences pauses {RULES} {HISTORY} {HOOKS}": "select",
        "problems sweep_due sweep_notes": ALL,
        "problem_told": "select insert delete",
        "problem_channels sweep_baselines": "select insert update",
        "sweep_known": "select insert",
    },
    "web": {
        **BY_A_PERSON,
        f"{HISTORY} {SWEEP} outbox_channels outbox_invoices outbox_items problem_told problem_channels": "select",
        HOOKS: "select",
        "ledger": "select update:message",
        "people people_attempts": ALL,
        "people_invites": "select insert delete",
        "people_sessions": "select insert delete update:seen_at",
    },
    "console": {
        **BY_A_PERSON,
        f"{HISTORY} outbox_channels outbox_invoices outbox_items problem_told problem_channels": "select",
        f"ledger {HOOKS}": ALL,
        "sweep_baselines sweep_due sweep_notes": "select insert update",
        "sweep_known": "select insert",
        "people": "select insert update:role",
        "people_invites": "select insert delete",
    },
}
"""By hand: a table of rights that grants more, or less, is not this one. Everybody may read the versions."""

OF_NOBODY = (
    "COPY ledger FROM PROGRAM 'echo'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY people TO '/tmp/people'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT rolpassword FROM pg_authid",
    "CREATE ROLE another",
    "ALTER ROLE postgres PASSWORD 'x'",
    'ALTER ROLE "intake-history" SUPERUSER',
    "SET log_statement = 'none'",
    "CREATE EXTENSION file_fdw",
    "SET SESSION AUTHORIZATION postgres",
)
OF_THE_OWNER = (
    "CREATE TABLE another (a int)",
    "CREATE VIEW another AS SELECT 1",
    "CREATE FUNCTION another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA another",
    "CREATE EXTENSION hstore",
    'SET ROLE "intake-topology"',
)
PASSWORDS = "SELECT password FROM people"


@pytest.fixture(scope="module")
def roles(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roles]:
    with Roles(postgres_url, tmp_path_factory.mktemp("roles")) as roles:
        roles.make_tables()
        yield roles


@pytest.fixture(scope="module")
def columns(roles: Roles) -> dict[str, list[str]]:
    """Of each table that there is."""
    found = defaultdict(list)
    with psycopg.connect(roles.admin_url) as admin:
        query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        for table, column in admin.execute(query):
            found[table].append(column)
    return found


def refused(connection: psycopg.Connection, statement: str) -> bool:
    """Whether the role may not. It is undone; what the data itself would not allow was allowed to the role."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except InsufficientPrivilege:
        return True
    except psycopg.errors.IntegrityError:
        pass
    return False


def acts(table: str, columns: list[str]) -> Iterator[tuple[str, str]]:
    yield f"{table} select", f"SELECT FROM {table}"
    yield f"{table} insert", f"INSERT INTO {table} DEFAULT VALUES"
    yield f"{table} delete", f"DELETE FROM {table}"
    for column in columns:
        yield f"{table} read {column}", f'SELECT "{column}" FROM {table}'
        yield f"{table} update:{column}", f'UPDATE {table} SET "{column}" = NULL WHERE false'
    yield f"{table} truncate", f"TRUNCATE {table}"
    yield f"{table} alter", f"ALTER TABLE {table} ADD COLUMN another int"
    yield f"{table} index", f'CREATE INDEX another ON {table} ("{columns[0]}")'
    yield f"{table} owner", f"ALTER TABLE {table} OWNER TO CURRENT_USER"
    yield f"{table} drop", f"DROP TABLE {table}"


def may(role: str, columns: dict[str, list[str]]) -> set[str]:
    found = {
        f"schema_versions {right}" for right in ("select", *(f"read {each}" for each in columns["schema_versions"]))
    }
    for tables, rights in MAY[role].items():
        for table in tables.split():
            for right in rights.split():
                if right == "update":
                    found |= {f"{table} update:{column}" for column in columns[table]}
                else:
                    found.add(f"{table} {right}")
                if right == "select":
                    found |= {f"{table} read {column}" for column in columns[table]}
    return found


def test_every_role_is_tried() -> None:
    assert tuple(MAY) == GRANTED


@pytest.mark.parametrize("role", MAY)
def test_a_role_may_do_what_it_needs_with_the_tables_and_nothing_else(
    roles: Roles, columns: dict[str, list[str]], role: str
) -> None:
    with roles.connected(role) as connection:
        done = {
            what
            for table, its in columns.items()
            for what, statement in acts(table, its)
            if not refused(connection, statement)
        }
    assert done == may(role, columns)


@pytest.mark.parametrize("role", [*MAY, "topology"])
def test_no_role_reaches_the_server_or_becomes_another(roles: Roles, role: str) -> None:
    with roles.connected(role) as connection:
        assert [each for each in OF_NOBODY if not refused(connection, each)] == []
        allowed = [each for each in OF_THE_OWNER if not refused(connection, each)]
    assert allowed == ([*OF_THE_OWNER] if role == "topology" else [])


@pytest.mark.parametrize("role", ["classifier", "mover", "notifier", "history", "reconciler"])
def test_a_worker_reads_no_hash_of_a_password(roles: Roles, role: str) -> None:
    with roles.connected(role) as connection:
        assert refused(connection, PASSWORDS)
        assert refused(connection, "SELECT token FROM people_sessions")


def test_what_the_table_does_not_grant_is_taken_back_and_other_roles_keep_theirs(roles: Roles) -> None:
    with psycopg.connect(roles.admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE reports")
        try:
            admin.execute("GRANT SELECT ON ledger TO reports")
            admin.execute('GRANT ALL ON people TO "intake-mover"')
            admin.execute('GRANT SELECT (password), UPDATE (role) ON people TO "intake-history"')
            admin.execute('GRANT CREATE ON SCHEMA public TO "intake-web"')
            admin.execute('REVOKE SELECT ON ledger FROM "intake-reconciler"')
            assert grants.renew(roles.url("topology")) == GRANTED
            assert roles.apply().exit_code == 0
            seen = admin.execute("SELECT has_table_privilege('reports', 'ledger', 'SELECT')").fetchone()
            assert seen == (True,)
        finally:
            admin.execute("DROP OWNED BY reports")
            admin.execute("DROP ROLE reports")
    for role in ("mover", "history"):
        with roles.connected(role) as connection:
            assert refused(connection, PASSWORDS)
            assert refused(connection, "UPDATE people SET role = 'admin'")
    with roles.connected("web") as connection:
        assert refused(connection, "CREATE TABLE another (a int)")
    with roles.connected("reconciler") as connection:
        assert not refused(connection, "SELECT FROM ledger")


def test_a_table_of_an_upgrade_is_granted_by_the_topology(roles: Roles) -> None:
    with psycopg.connect(roles.admin_url, autocommit=True) as admin:
        admin.execute("DROP TABLE pauses")
        upgrade(roles.url("topology"))
        with roles.connected("mover") as connection:
            assert refused(connection, "SELECT FROM pauses")
            grants.renew(roles.url("topology"))
            assert not refused(connection, "SELECT FROM pauses")
        (owner,) = admin.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'pauses'").fetchone() or ("",)
    assert owner == user_of("topology")


def test_a_role_that_may_not_grant_is_told_so_and_nothing_is_done(roles: Roles) -> None:
    done = roles.apply(url=roles.url("web"))
    assert done.exit_code == 1
    assert "this user may not give the database's roles their rights: permission denied" in done.output
