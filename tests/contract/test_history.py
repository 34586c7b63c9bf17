"""The history keeps the same promises on SQLite and PostgreSQL."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from ingress.webhook import received
from shared.errors import TransientError
from shared.store.history.queries import NoHistoryError, Queries
from shared.store.history.step import Delivery, Outcome, Step, step_of
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.history.upload import State
from shared.wire.stages import NAMES


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/new/ledger.db")
        yield database
        database.close()
        return
    url, schema = request.getfixturevalue("postgres_url"), f"history_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {schema}")
        database = Database(f"{url}?options=-csearch_path%3D{schema}")
        yield database
        database.close()
        admin.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def database(empty: Database) -> Database:
    empty.create()
    return empty


def step(
    upload: str, outcome: Outcome = Outcome.RECEIVED, stage: str = "ingress", at: float = 100, **facts
) -> Step:
    return Step(
        key=f"{upload} {outcome} {stage} {at}",
        correlation_id=upload,
        at=at,
        stage=stage,
        outcome=outcome,
        type="webhook.file.uploaded",
        message_id=f"message of {upload}",
        **facts,
    )


def filed(upload: str, at: float = 100, **facts) -> list[Step]:
    return [
        step(upload, at=at, **facts),
        *(step(upload, Outcome.FORWARD, stage, at + 1 + n) for n, stage in enumerate(NAMES)),
    ]


def test_a_batch_delivered_again_adds_nothing(database):
    store, queries = Store(database), Queries(database)
    for _ in range(2):
        store.record(filed("a"), offset=3)
    assert [s.stage for s in queries.timeline("a")] == ["ingress", "classifier", "mover", "notifier"]
    assert [u.state for u in queries.latest(limit=9)] == [State.FILED]


def test_the_offset_is_kept_with_its_batch_even_where_no_message_was_a_step(database):
    store = Store(database)
    assert store.offset() is None
    store.record([step("a")], offset=0)
    assert store.offset() == 0
    store.record([], offset=41)
    assert store.offset() == 41


def test_a_batch_that_fails_moves_no_offset_and_keeps_no_step(database):
    store = Store(database)
    store.record([step("a")], offset=1)
    with database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE history_steps RENAME TO kept_elsewhere")
    with pytest.raises(TransientError):
        store.record([step("c"), step("b")], offset=2)
    assert store.offset() == 1
    with database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE kept_elsewhere RENAME TO history_steps")
    assert [u.correlation_id for u in Queries(database).latest(limit=9)] == ["a"]


UNSTORABLE = {
    "no stage": {"stage": None},
    "half a surrogate pair": {"title": "Invoice \ud83d"},
    "an attempt over 64 bits": {"attempt": 2**80},
}


@pytest.mark.parametrize("facts", UNSTORABLE.values(), ids=UNSTORABLE)
def test_a_step_that_the_database_refuses_is_shown_as_such_and_the_others_are_kept(database, facts):
    store = Store(database)
    steps = [step(str(number)) for number in range(9)]
    steps[5] = replace(steps[5], **facts)
    store.record(steps, offset=7)
    assert store.offset() == 7
    queries = Queries(database)
    assert {upload.correlation_id for upload in queries.latest(limit=99)} == set("012345678")
    (shown,) = queries.timeline("5")
    assert (shown.code, shown.outcome) == ("unkept", Outcome.RECEIVED)
    assert (shown.reason or "").startswith("this step could not be kept: ")


def test_an_upload_with_a_6000_character_id_and_a_nul_is_kept_and_found(database):
    file_id, title = "sbox-" + "x" * 6_000, "Invoice\0\x1b]0;4711.pdf"
    body = {"event": {"trigger": "file.uploaded", "id": 5}, "payload": {"id": file_id, "title": title}}
    message = received(json.dumps(body).encode(), 1_790_000_000)
    delivery = Delivery(offset=1, exchange="docspace", routing_key=message.type, message=message, headers={})
    step = step_of(delivery)
    assert step is not None
    Store(database).record([step], offset=1)
    queries = Queries(database)
    for text in (file_id, "invoice\0", "4711"):
        assert [upload.correlation_id for upload in queries.find(text, limit=9)] == [message.correlation_id]


def test_another_stream_begins_anew_and_the_history_stays(database):
    store = Store(database)
    store.record(filed("a"), offset=900)
    store.restart()
    assert store.offset() is None
    store.record([step("b")], offset=0)
    assert {u.correlation_id for u in Queries(database).latest(limit=9)} == {"a", "b"}


def test_steps_of_one_upload_may_come_in_many_batches(database):
    store = Store(database)
    for offset, one in enumerate(reversed(filed("a", title="Invoice 1"))):
        store.record([one], offset)
    (upload,) = Queries(database).latest(limit=9)
    assert (upload.state, upload.title, upload.first_at, upload.last_at) == (State.FILED, "Invoice 1", 100, 103)


def test_what_had_no_step_for_too_long_is_forgotten_and_nothing_else(database):
    store, queries = Store(database), Queries(database)
    store.record([s for n in range(1_100) for s in filed(f"old {n}", at=10)] + filed("new", at=500), offset=1)
    assert store.forget(before=200) == 1_100
    assert [u.correlation_id for u in queries.latest(limit=9)] == ["new"]
    assert queries.timeline("old 7") == []
    assert len(queries.timeline("new")) == 4


@pytest.mark.parametrize("asked", ["ÜBER 100%_a", "4711", "18231", "message of a", "a"])
def test_an_upload_is_found_by_title_in_any_case_and_by_each_of_its_ids(database, asked):
    store = Store(database)
    store.record(
        [
            step("a", title="Invoice über 100%_A.pdf", file_id="4711", event_id="18231"),
            *(step(f"{n}!", title=f"Xnv {n}.pdf", file_id=str(n), event_id=f"e{n}") for n in range(200)),
        ],
        offset=1,
    )
    assert [u.correlation_id for u in Queries(database).find(asked, limit=1000) if u.correlation_id == "a"] == ["a"]
    assert len(Queries(database).find("ÜBER 100%_a", limit=1000)) == 1


def test_of_many_uploads_of_one_title_and_time_only_the_latest_are_found(database):
    Store(database).record(
        [
            *(step(f"old {n}", at=10, title="Invoice") for n in range(5)),
            *(step(f"new {n}", at=20, title="Invoice") for n in range(5)),
            *(step(f"other {n}", at=20, title="Contract") for n in range(5)),
        ],
        offset=1,
    )
    found = [u.correlation_id for u in Queries(database).find("invoice", limit=7)]
    assert sorted(found[:5]) == [f"new {n}" for n in range(5)]
    assert [upload[:3] for upload in found[5:]] == ["old"] * 2


def test_uploads_are_listed_by_state_time_and_room_the_latest_first(database):
    Store(database).record([*filed("a", at=10, room="1"), *filed("b", at=50, room="2"), step("c", at=70)], offset=1)
    queries = Queries(database)

    def ids(**wanted) -> list[str]:
        return [u.correlation_id for u in queries.latest(limit=9, **wanted)]

    assert ids() == ["c", "b", "a"]
    assert ids(state=State.FILED) == ["b", "a"]
    assert ids(since=53) == ["c", "b"]
    assert ids(room="1") == ["a"]


def test_where_no_projector_ran_the_error_says_what_to_do(empty):
    with pytest.raises(NoHistoryError, match="console history"):
        Queries(empty).latest(limit=1)
