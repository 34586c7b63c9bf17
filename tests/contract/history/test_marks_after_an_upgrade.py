"""A text index of release 0.2.0, which knew no marks: it answers all along, and gets them while uploads change."""

import pytest
import sqlalchemy as sa

from console.history.upkeep import Upkeep
from shared.store.history import pages, text_index
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.step import Outcome
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.history.upload import State
from tests.contract.history.steps import filed, step

_NUMBER = """
    INSERT INTO history_words (number, correlation_id)
        SELECT coalesce(
            (SELECT max(number) + 1 FROM history_words WHERE number >= CAST(new.first_at AS INTEGER) << 20
                AND number < (CAST(new.first_at AS INTEGER) + 1) << 20),
            CAST(new.first_at AS INTEGER) << 20
        ), new.correlation_id
        WHERE NOT EXISTS (SELECT 1 FROM history_words WHERE correlation_id = new.correlation_id);
"""
_ADD = """
    INSERT INTO history_text (rowid, searched) SELECT number, new.searched FROM history_words
        WHERE correlation_id = new.correlation_id AND new.searched IS NOT NULL;
"""
_TAKE = """
    INSERT INTO history_text (history_text, rowid, searched)
        SELECT 'delete', number, old.searched FROM history_words
        WHERE correlation_id = old.correlation_id AND old.searched IS NOT NULL;
"""
_UNNUMBER = "DELETE FROM history_words WHERE correlation_id = old.correlation_id;"
RELEASED = {
    True: (
        "CREATE TABLE history_words (number INTEGER PRIMARY KEY, correlation_id TEXT NOT NULL UNIQUE)",
        """CREATE VIRTUAL TABLE history_text USING fts5(
            searched, content='', tokenize='trigram case_sensitive 1', detail=none, columnsize=0)""",
        f"CREATE TRIGGER history_text_insert AFTER INSERT ON history_uploads BEGIN {_NUMBER} {_ADD} END",
        f"""CREATE TRIGGER history_text_change AFTER UPDATE OF searched, first_at ON history_uploads
            WHEN old.searched IS NOT new.searched OR old.first_at IS NOT new.first_at
            BEGIN {_TAKE} {_UNNUMBER} {_NUMBER} {_ADD} END""",
        f"CREATE TRIGGER history_text_delete AFTER DELETE ON history_uploads BEGIN {_TAKE} {_UNNUMBER} END",
    ),
    False: (
        "CREATE INDEX ix_history_uploads_searched ON history_uploads USING gin (searched public.gin_trgm_ops)",
    ),
}
"""Word for word, by whether it is SQLite."""


@pytest.fixture
def released(empty: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Twelve uploads, of which every third is filed, in that release's index."""
    with monkeypatch.context() as release:
        release.setattr(text_index, "make", lambda _: None)
        empty.create()
        with empty.transaction() as connection:
            for statement in RELEASED[empty.is_sqlite]:
                connection.exec_driver_sql(statement)
        for number in range(12):
            steps = [step(f"{number:02}", at=number, title=f"Invoice {number}", room="7")]
            steps += [] if number % 3 else filed(f"{number:02}", at=number)[1:]
            Store(empty).record(steps, offset=number)
    monkeypatch.setattr(pages, "NEAR", 0)
    return empty


@pytest.fixture
def upgraded(released: Database) -> Database:
    released.create()
    return released


def found(database: Database, state: State) -> set[int]:
    wanted = Filter(words=("invoice",), state=state, room="7")
    uploads = Queries(database).page(wanted, limit=99).uploads
    assert Queries(database).count(wanted) == len(uploads)
    return {int(upload.correlation_id) for upload in uploads}


def test_words_are_found_by_state_before_marks_are_there_while_they_come_and_after(upgraded):
    expected = {State.FILED: {0, 3, 6, 9}, State.WAITING: {1, 2, 4, 5, 7, 8, 10, 11}, State.SKIPPED: set()}
    assert upgraded.without_text_index() is None
    assert upgraded.has_marks() is not upgraded.is_sqlite
    store = Store(upgraded)
    for changed in (10, 1, 8, 11, 2, 7, 4, 5):  # before their marks come, and after
        more = upgraded.mark(2)
        assert {state: found(upgraded, state) for state in expected} == expected
        store.record([step(f"{changed:02}", Outcome.DISCARD, "notifier", 99)], offset=20 + changed)
        expected[State.WAITING].remove(changed)
        expected[State.SKIPPED].add(changed)
    assert not more
    assert upgraded.has_marks()
    assert {state: found(upgraded, state) for state in expected} == expected


def test_the_projector_gives_the_marks_when_nothing_comes(upgraded):
    upkeep = Upkeep(upgraded, Store(upgraded), steps_days=90, uploads_days=400)
    for _ in range(9):
        upkeep.renew()
    assert upgraded.has_marks()
    assert found(upgraded, State.FILED) == {0, 3, 6, 9}


def names_of(database: Database) -> set[str]:
    """Of the text indexes."""
    with database.connection() as connection:
        names = (str(index["name"]) for index in sa.inspect(connection).get_indexes("history_uploads"))
        return {name for name in names if name.endswith(("searched", "marked"))}


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_an_index_that_a_reader_holds_is_dropped_at_the_next_start(released, monkeypatch):
    monkeypatch.setattr(text_index, "LOCK_TIMEOUT", "50ms")
    with released.transaction() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM history_uploads")
        released.create()
    assert released.has_marks()
    assert names_of(released) == {"ix_history_uploads_marked", "ix_history_uploads_searched"}
    assert found(released, State.FILED) == {0, 3, 6, 9}
    released.create()
    assert names_of(released) == {"ix_history_uploads_searched"}
