"""All rows of all tables go out and in again, between both kinds of database, and as a whole or not at all."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.errors import OutdatedError, TransientError
from shared.store.backup.refill import Mark, Refill
from shared.store.backup.snapshot import NoDatabaseError, Rows, Version, snapshot
from shared.store.database import engine_for, url_of
from shared.store.faults import UnstorableError
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.ledger import Done, Ledger
from shared.store.ledger.versions import LEDGER
from shared.store.parts import PARTS
from shared.store.schema import Column, Index, Part, Table, bring_up
from tests.contract.store import released as r
from tests.contract.store.released import released
from tests.support.databases import own_database

TEXT = "Rechnung „ü“ \U0001f4ce\n\t\\N"
Taken = tuple[dict[str, Version], dict[str, Rows]]


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database that nobody used."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/other/ledger.db"
    return own_database(request.getfixturevalue("postgres_url"))


@contextlib.contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    engine = engine_for(url_of(url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def fill(url: str, rows: int = 3) -> None:
    """Every table, and in one row every column has a value."""
    Refill(url).close()
    with connected(url) as connection:
        for part in PARTS:
            for table in part.tables:
                columns = sa.inspect(connection).get_columns(table)
                into = sa.insert(sa.table(table, *(sa.column(column["name"]) for column in columns)))
                connection.execute(into, [_row(columns, number) for number in range(rows)])


def _row(columns: Any, number: int) -> dict[str, Any]:
    def value(column: Any) -> Any:
        if number and column["nullable"]:
            return None
        kind = str(column["type"])
        return (
            f"{TEXT} {number}"
            if kind == "TEXT"
            else number + 1
            if "INT" in kind
            else 1_700_000_000.1234567 + number
        )

    return {column["name"]: value(column) for column in columns}


def taken(url: str) -> Taken:
    with snapshot(url) as tables:
        rows = {name: tables.rows(name) for name in tables.tables}
        return tables.versions(), {name: Rows(each.columns, iter(list(each.values))) for name, each in rows.items()}


def whole(url: str) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(map(tuple, rows.values), key=repr) for name, rows in taken(url)[1].items()}


def put(url: str, backup: Taken, name: str = "b", *, over: bool = False) -> None:
    refill = Refill(url)
    refill.fill(name, backup[0], backup[1].items(), replace=over)
    refill.close()


def test_every_row_of_every_table_comes_into_either_kind_of_database(database_url: str, other_url: str) -> None:
    fill(database_url)
    put(other_url, taken(database_url))
    expected = whole(database_url)
    assert expected.keys() == {table for part in PARTS for table in part.tables}
    assert expected.pop("history_position")
    found = whole(other_url)
    assert found.pop("history_position") == []  # the stream is another one
    assert found == expected
    assert len(expected["ledger"]) == 3


def test_a_database_is_read_as_it_was_at_one_moment(database_url: str) -> None:
    fill(database_url)
    with snapshot(database_url) as tables:
        before = list(tables.rows("ledger").values)
        with connected(database_url) as connection:
            connection.exec_driver_sql("DELETE FROM ledger")
            connection.exec_driver_sql("DELETE FROM audit")
        assert (len(before), len(list(tables.rows("audit").values))) == (3, 3)
        assert list(tables.rows("ledger").values) == before


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NoDatabaseError, match="DATABASE_URL"), snapshot(f"sqlite:///{tmp_path}/none.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_rows_come_all_or_not_at_all_and_their_backup_is_known(database_url: str, other_url: str) -> None:
    fill(database_url)
    versions, tables = taken(database_url)
    refill = Refill(other_url)
    *_, last = tables
    broken = {**tables, last: Rows(("nonsense",), iter([("x",)]))}
    with pytest.raises(TransientError):
        refill.fill("b", versions, broken.items(), replace=False)
    assert (refill.mark(), refill.held()) == (None, {})
    refill.fill("b", *(taken(database_url)[0], taken(database_url)[1].items()), replace=False)
    assert refill.mark() == Mark("b", done=False)
    assert refill.held()["ledger"] == 3
    with pytest.raises(UnstorableError):  # it is there already
        refill.fill("b", *(taken(database_url)[0], taken(database_url)[1].items()), replace=False)
    refill.finish("b")
    refill.finish("b")
    assert refill.mark() == Mark("b", done=True)
    refill.close()


def test_what_is_replaced_is_gone_with_its_words_in_the_index(database_url: str, other_url: str) -> None:
    with released(other_url) as old:
        old.run(*r.LEDGER, *r.HISTORY, *r.ROWS, *r.HISTORY_ROWS)
    there = Database(other_url, writes=True)
    there.create()
    fill(database_url)
    put(other_url, taken(database_url), over=True)
    assert whole(other_url)["ledger"] == whole(database_url)["ledger"]
    assert Queries(there).page(Filter(words=("invoice",)), limit=9).uploads == ()
    there.close()


def test_a_backup_of_the_first_release_is_an_upgrade(database_url: str, other_url: str) -> None:
    with released(database_url) as old:
        old.run(*r.LEDGER, *r.HISTORY, *r.ROWS, *r.HISTORY_ROWS)
        ledger = Ledger(database_url, owner="new")
        assert ledger.upgraded()
        ledger.close()
    put(other_url, taken(database_url))
    restored = Ledger(other_url, owner="new")
    assert restored.upgraded()
    assert restored.claim("done", 60) == Done("yes")
    restored.close()
    history = Database(other_url)
    assert [upload.correlation_id for upload in Queries(history).find("INVOICE", 9)] == ["a"]
    history.close()


def test_a_database_of_a_newer_program_is_not_read(database_url: str) -> None:
    fill(database_url, 1)
    engine = engine_for(url_of(database_url))
    bring_up(engine, replace(LEDGER, steps=(*LEDGER.steps, (Column("ledger", "later", "TEXT"),))))
    engine.dispose()
    with snapshot(database_url) as tables, pytest.raises(OutdatedError, match="upgrade the program"):
        tables.versions()


def test_every_table_belongs_to_a_part(database_url: str) -> None:
    """A part that is not in PARTS would be in no backup."""
    Refill(database_url).close()
    database = Database(database_url, writes=True)
    database.create()
    database.close()
    with connected(database_url) as connection:
        found = {name for name in sa.inspect(connection).get_table_names() if not name.startswith("history_text")}
    assert found - {table for part in PARTS for table in part.tables} <= {
        "schema_versions", "restored_backups", "history_words", "history_marked",
    }  # fmt: skip
    assert {type(change) for part in PARTS for step in part.steps for change in step} == {Table, Index, Column}
    assert {part.name for part in PARTS} == {part.name for part in _all_parts()}


def _all_parts() -> list[Part]:
    """By the modules that define one."""
    found = []
    for file in sorted(Path("shared/store").glob("*/versions.py")):
        module = __import__(f"shared.store.{file.parent.name}.versions", fromlist=["*"])
        found += [each for each in vars(module).values() if isinstance(each, Part)]
    return found
