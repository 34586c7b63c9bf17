"""A database that is away, or that cannot be one: what the ledger says, and how it comes back."""

from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from shared.errors import TransientError
from shared.store.ledger import Held, Ledger
from tests.contract.ledger.claims import LONG_S, won


def test_a_table_that_is_gone_is_made_again(ledger):
    ledger.complete("k", "yes")
    with ledger.rows.engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE ledger")
    with pytest.raises(TransientError, match="the ledger cannot be reached"):
        ledger.claim("k", LONG_S)
    won(ledger.claim("k", LONG_S))


def test_a_working_ledger_has_no_complaint(ledger):
    assert ledger.check() is None
    ledger.close()
    assert ledger.check() is None


FULL = "the ledger cannot be reached: database or disk is full"


def claim_until_refused(ledger):
    for number in range(200):
        ledger.claim(f"{number:0200}", LONG_S)


def test_a_full_database_that_can_be_read_is_not_ready_and_is_once_there_is_room(tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db", owner="worker")
    ledger.claim("before", LONG_S)
    pages = ["PRAGMA max_page_count = 1"]  # it takes the size of the file instead
    sa.event.listen(ledger.rows.engine, "connect", lambda connection, _: connection.execute(pages[0]))
    ledger.close()
    with pytest.raises(TransientError, match=FULL):
        claim_until_refused(ledger)
    assert [ledger.check() for _ in range(2)] == [FULL] * 2
    assert isinstance(ledger.peek("before"), Held)
    pages[0] = "PRAGMA max_page_count = 1000000"
    ledger.close()
    assert ledger.check() is None
    with ledger.rows.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM ledger WHERE key LIKE 'check:%'").scalar() == 0
    ledger.close()


def test_a_connection_that_was_cut_is_replaced_unnoticed(postgres_url):
    ledger = Ledger(postgres_url, owner="worker")
    key = uuid4().hex
    with psycopg.connect(postgres_url, autocommit=True) as other:
        ledger.claim(key, LONG_S)
        cut = other.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND query LIKE '%ledger%'"
        ).fetchone()
        assert cut is not None
        assert cut[0] >= 1
    assert isinstance(ledger.claim(key, LONG_S), Held)
    ledger.close()


def test_a_database_that_is_down_is_a_transient_error_on_use(free_port):
    ledger = Ledger(f"postgresql://intake:s3cret-word@127.0.0.1:{free_port()}/intake", owner="worker")
    with pytest.raises(TransientError, match=r"the ledger cannot be reached: .*refused") as raised:
        ledger.claim("k", LONG_S)
    assert "s3cret-word" not in str(raised.value) + repr(ledger) + str(ledger.check())
    ledger.close()


def test_a_folder_that_cannot_be_made_is_a_transient_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    ledger = Ledger(f"sqlite:///{tmp_path}/file/ledger.db", owner="worker")
    assert str(ledger.check()).startswith("the ledger cannot be reached: ")


@pytest.mark.parametrize(
    "url",
    ["mysql://root:hunter2@db/x", "sqlite://", "sqlite:///:memory:", "hunter2", "postgresql://a:hunter2@b:port/x"],
)
def test_another_kind_of_url_is_refused_without_showing_it(url):
    with pytest.raises(ValueError, match="the database URL") as raised:
        Ledger(url, owner="worker")
    assert "hunter2" not in str(raised.value)
