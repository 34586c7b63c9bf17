"""What an error says of the connection it came by, and what a role that only reads is told: a real PostgreSQL."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from shared.errors import IntakeError, TransientError
from shared.store.ledger import Free, Ledger
from shared.store.postgres import is_of_the_server
from tests.contract.ledger.claims import LONG_S, won
from tests.support.waiting import wait_until

OF_THE_SERVER = (
    "25006",  # it only reads
    "57P01",  # it shuts down
    "57P02",  # it crashed
    "57P03",  # it starts
    "57P05",  # nobody used the connection
    "25P03",
    "53100",  # its disk is full
    "53200",
    "58030",  # its disk fails
    "08006",
    "08P01",  # what a pooler says of a server that left
    "XX001",
)
OF_THE_STATEMENT = ("23505", "22001", "40P01", "40001", "42501", "42P01", "55P03", "57014")


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    ledger = Ledger(postgres_url, owner="worker")
    yield ledger
    ledger.close()


def process_after(ledger: Ledger, sqlstate: str) -> tuple[int, int]:
    """The server processes of one user before a statement failed so, and of the next user."""

    def use(statement: str) -> None:
        with ledger.rows._database.connection() as connection:
            users.append(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
            connection.exec_driver_sql(statement)

    users: list[int] = []
    with pytest.raises(IntakeError):
        use(f"DO $$ BEGIN RAISE 'as told' USING ERRCODE = '{sqlstate}'; END $$")
    use("SELECT 1")
    before, after = users
    return before, after


@pytest.mark.parametrize("sqlstate", OF_THE_SERVER)
def test_a_connection_whose_server_has_trouble_is_not_used_again(ledger, sqlstate):
    before, after = process_after(ledger, sqlstate)
    assert before != after


@pytest.mark.parametrize("sqlstate", OF_THE_STATEMENT)
def test_a_connection_whose_statement_failed_is_used_again(ledger, sqlstate):
    before, after = process_after(ledger, sqlstate)
    assert before == after


def test_an_error_without_a_code_says_nothing_of_the_server():
    assert not is_of_the_server(None)


def test_a_server_process_that_ends_during_a_write_costs_that_write_alone(ledger, postgres_url):
    key, told = uuid4().hex, []
    token = won(ledger.claim(key, LONG_S)).token

    def note() -> None:
        try:
            told.append(ledger.note(key, token, "lost"))
        except TransientError as error:
            told.append(error)

    with psycopg.connect(postgres_url, autocommit=True) as admin, psycopg.connect(postgres_url) as other:
        other.execute("SELECT 1 FROM ledger WHERE key = %s FOR UPDATE", (key,))
        writer = threading.Thread(target=note)
        writer.start()
        ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        wait_until(lambda: admin.execute(ends, (other.info.backend_pid,)).fetchall(), 30, "the write to wait")
        writer.join(30)
    assert isinstance(told[0], TransientError)
    assert ledger.note(key, token, "kept")
    ledger.release(key, token)
    assert ledger.peek(key) == Free("kept")


@pytest.mark.parametrize("rights", ["SELECT", "SELECT, UPDATE, DELETE", "SELECT, INSERT, DELETE"])
def test_a_role_that_may_not_write_is_not_ready_and_is_once_it_may(ledger, postgres_url, rights):
    assert ledger.check() is None
    role = f"reader_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'reads'")
        admin.execute(f"GRANT {rights} ON ledger TO {role}")
        url = sa.make_url(postgres_url).set(username=role, password="reads").render_as_string(hide_password=False)
        reader = Ledger(url, owner="reader")
        try:
            assert "permission denied" in str(reader.check())
            admin.execute(f"GRANT INSERT, UPDATE ON ledger TO {role}")
            assert reader.check() is None
        finally:
            reader.close()
            admin.execute(f"DROP OWNED BY {role}")
            admin.execute(f"DROP ROLE {role}")
