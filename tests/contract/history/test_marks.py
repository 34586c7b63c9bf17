"""The text index's marks: words with a state, a room and times find what a look at each upload finds."""

import itertools

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from shared.store.history import pages, text_in_sqlite
from shared.store.history.filter import EVERYTHING, Filter
from shared.store.history.marks import IN_POSTGRESQL, MONTH_S, fates
from shared.store.history.pages import NEWEST, Asked
from shared.store.history.queries import Queries
from shared.store.history.step import Outcome
from shared.store.history.store import Store
from shared.store.history.tables import UPLOADS, Database
from shared.store.history.text_index import planned
from shared.store.history.upload import Standing, State, Upload
from tests.contract.history.steps import step

WORDS = ("invoice", "acme")
ROOMS = ("7", "-5", "sbox-12-|folder", "99999999999999999999")
FATES = (
    (Outcome.FORWARD, "classifier"),
    (Outcome.FORWARD, "mover"),
    (Outcome.FORWARD, "notifier"),
    (Outcome.SKIP, "classifier"),
    (Outcome.DEAD, "notifier"),
    (Outcome.DISCARD, "notifier"),
)
TIMES = [n * MONTH_S / 2 for n in range(8)]

came = st.builds(
    lambda upload, at, words, room: step(f"{upload:02}", at=at, title=" ".join(words), room=room),
    st.integers(0, 5),
    st.sampled_from(TIMES),
    st.lists(st.sampled_from(WORDS), max_size=2),
    st.sampled_from(ROOMS),
)
went_on = st.builds(
    lambda upload, fate, later: step(f"{upload:02}", fate[0], fate[1], at=TIMES[-1] + later),
    st.integers(0, 5),
    st.sampled_from(FATES),
    st.integers(1, 9),
)
batches = st.lists(st.lists(came | went_on, min_size=2, max_size=8), min_size=2, max_size=4)
filters = st.builds(
    Filter,
    words=st.lists(st.sampled_from([*WORDS, "in"]), min_size=1, max_size=2).map(tuple),
    room=st.sampled_from([None, None, *ROOMS]),
    state=st.none() | st.sampled_from(State),
    standing=st.none() | st.sampled_from(Standing),
    from_at=st.sampled_from([None, *TIMES[:4]]),
    until_at=st.sampled_from([None, *TIMES[4:]]),
)


def fits(upload: Upload, asked: Filter) -> bool:
    beginnings = (upload.title or "").split()
    return (
        all(any(each.startswith(word) for each in beginnings) for word in asked.words)
        and asked.room in (None, upload.room)
        and asked.state in (None, upload.state)
        and asked.standing in (None, upload.standing)
        and (asked.from_at is None or upload.first_at >= asked.from_at)
        and (asked.until_at is None or upload.first_at < asked.until_at)
    )


def empty_again(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM history_uploads")
        connection.exec_driver_sql("DELETE FROM history_steps")


def all_pages(queries: Queries, asked: Filter) -> list[str]:
    page = queries.page(asked, limit=3)
    seen = [*page.uploads]
    while page.older is not None:
        page = queries.page(asked, before=page.older, limit=3)
        seen += page.uploads
    while page.newer is not None:
        page = queries.page(asked, after=page.newer, limit=3)
        place = seen.index(page.uploads[0])
        assert list(page.uploads) == seen[place : place + 3]
    return [upload.correlation_id for upload in seen]


@pytest.fixture
def looked_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """No upload is looked at one by one."""
    monkeypatch.setattr(pages, "NEAR", 0)
    return database


@hypothesis.settings(
    max_examples=25, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], derandomize=True
)
@hypothesis.given(batches=batches, asked=st.lists(filters, min_size=6, max_size=6))
def test_words_with_state_room_and_time_find_what_a_look_at_each_upload_finds(looked_up, batches, asked):
    empty_again(looked_up)
    store, queries = Store(looked_up), Queries(looked_up)
    for turn, batch in enumerate([*batches, batches[0]]):  # the first is delivered again
        store.record(batch, offset=turn)
    everything = queries.page(EVERYTHING, limit=99).uploads
    for each in asked:
        expected = [upload.correlation_id for upload in everything if fits(upload, each)]
        assert all_pages(queries, each) == expected, each
        assert [queries.count(each, most) for most in (1, 99)] == [min(len(expected), 2), len(expected)], each


STORY = [
    (step("a", at=5, title="Invoice 1", room="4711"), "w-"),
    (step("a", Outcome.FORWARD, "mover", 6), "w+"),
    (step("a", Outcome.DEAD, "notifier", 7), "d+"),
    (step("a", Outcome.DISCARD, "notifier", 8), "s+"),
    (step("a", Outcome.FORWARD, "notifier", 9), "f+"),
]


def marked(database: Database) -> list[str]:
    """The marks of the one upload, as the index alone has them."""
    found = []
    for mark in map("".join, itertools.product("wsfd", "-+")):
        with database.connection() as connection:
            if database.is_sqlite:
                rows = sa.select(text_in_sqlite.TEXT).where(text_in_sqlite.matching([], [mark], "4711"))
            else:
                rows = sa.select(UPLOADS.c.room).where(sa.text(f"{IN_POSTGRESQL} @> ARRAY['{mark}', 'room 4711']"))
            found += [mark] * len(connection.execute(rows).all())
    return found


def test_each_change_of_state_changes_the_mark_also_if_it_is_delivered_again(database):
    store, seen = Store(database), []
    for offset, (each, _) in enumerate(STORY):
        store.record([each], offset=offset)
        store.record([each, STORY[0][0]], offset=offset)
        seen.append(marked(database))
    assert seen == [[mark] for _, mark in STORY]


def test_an_upload_that_is_forgotten_leaves_no_mark(database):
    Store(database).record([STORY[0][0]], offset=1)
    with database.transaction() as connection:
        connection.execute(sa.delete(UPLOADS))
    assert marked(database) == []


def test_the_fates_of_a_standing_are_those_that_an_upload_of_it_may_have():
    assert fates(Filter()) == ()
    assert fates(Filter(standing=Standing.FILED)) == ("w+", "s+", "f-", "f+")
    assert fates(Filter(standing=Standing.NEEDS_PERSON)) == ("d-", "d+")
    assert fates(Filter(state=State.WAITING)) == ("w-", "w+")
    assert fates(Filter(state=State.WAITING, standing=Standing.ON_ITS_WAY)) == ("w-",)


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_postgresql_finds_word_state_room_and_month_in_one_index(database):
    asked = Filter(words=("invoice",), room="7", state=State.FILED, from_at=MONTH_S)
    span = (0.0, 2.0 * MONTH_S)
    query = Asked(asked, is_sqlite=False, by_text=True, by_marks=True, span=span).count(NEWEST, 3)
    with database.connection() as connection, planned(connection, by_index=True):
        compiled = query.compile(dialect=connection.dialect)
        rows = connection.exec_driver_sql(f"EXPLAIN {compiled}", dict(compiled.params)).scalars()
        (found,) = [row for row in rows if "Index Cond" in row and "%inv%" in row]
    for mark in ("{f-,f+}", '{"room 7"}', '{"month 1","month 2"}'):
        assert mark in found
