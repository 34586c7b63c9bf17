"""What the history forgets, and what becomes of a step that comes later; on SQLite and PostgreSQL."""

from typing import Any

import sqlalchemy as sa

from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.retention import BATCH, Retention
from shared.store.history.step import Outcome
from shared.store.history.store import Store
from shared.store.history.tables import UPLOADS
from shared.store.history.upload import State
from tests.contract.history.steps import filed, step


def test_uploads_without_a_step_for_too_long_are_forgotten_and_nothing_else(database):
    store, queries = Store(database), Queries(database)
    old = 2 * BATCH + 100
    store.record([s for n in range(old) for s in filed(f"old {n}", at=10)] + filed("new", at=500), offset=1)
    assert Retention(database).forget_uploads(before=200) == old
    assert [u.correlation_id for u in queries.latest(limit=9)] == ["new"]
    assert queries.timeline("old 7") == []
    assert len(queries.timeline("new")) == 4


def test_the_steps_of_settled_uploads_go_and_all_that_is_known_of_them_stays(database):
    store, queries, retention = Store(database), Queries(database), Retention(database)
    dead = [step("dead", at=10), step("dead", Outcome.DEAD, "mover", at=11)]
    store.record(
        [
            *(s for n in range(BATCH + 1) for s in filed(f"old {n}", at=10 + n / 1000, title=f"Invoice {n}")),
            *filed("new", at=500),
            *dead,
            step("waits", at=10),
        ],
        offset=1,
    )
    before = queries.latest(limit=9999)
    assert retention.forget_steps(before=200) == BATCH + 1
    assert retention.forget_steps(before=200) == 0
    assert Retention(database).forget_steps(before=200) == 0  # another process
    assert queries.latest(limit=9999) == before
    assert [len(queries.timeline(name)) for name in ("old 7", "new", "dead", "waits")] == [0, 4, 2, 1]
    assert [u.correlation_id for u in queries.page(Filter(words=("invoice 77",)), limit=1).uploads] == ["old 77"]


def test_a_late_step_is_added_to_what_is_known_and_erases_nothing(database):
    store, queries, retention = Store(database), Queries(database), Retention(database)
    facts = {"title": "Invoice 1", "room": "7", "room_title": "Acme", "uploaded_by": "Zoe", "rule": "acme"}
    store.record(filed("a", at=10, **facts), offset=1)
    (known,) = queries.latest(limit=9)
    retention.forget_steps(before=200)
    store.record([step("a", Outcome.SKIP, "mover", at=300, reason="already filed", code="already-filed")], offset=2)
    (upload,) = queries.latest(limit=9)
    assert (upload.state, upload.last_at) == (State.FILED, 300)
    for name in ("title", "room", "room_title", "uploaded_by", "rule", "first_at", "filed_at", "announced_at"):
        assert getattr(upload, name) == getattr(known, name) is not None, name
    assert [(s.stage, s.outcome) for s in queries.timeline("a")][-1] == ("mover", Outcome.SKIP)
    assert retention.forget_steps(before=400) == 1  # what came late is forgotten in its time
    assert queries.latest(limit=9) == [upload]


def test_a_skipped_upload_that_is_sent_in_again_goes_on_from_there(database):
    store, queries, retention = Store(database), Queries(database), Retention(database)
    skip = step("a", Outcome.SKIP, "classifier", at=11, reason="no rule", code="no-rule")
    store.record([step("a", at=10, title="Invoice 1"), skip], offset=1)
    retention.forget_steps(before=200)
    store.record([step("a", Outcome.FORWARD, "classifier", at=300, rule="acme")], offset=2)
    (upload,) = queries.latest(limit=9)
    assert (upload.state, upload.stage, upload.title, upload.first_at) == (State.WAITING, "mover", "Invoice 1", 10)


def test_uploads_of_an_earlier_release_are_renewed_from_their_steps(database):
    store, queries = Store(database), Queries(database)
    names = [f"upload {n}" for n in range(5)]
    facts: dict[str, Any] = {"title": "Invoice", "rule": "acme", "room_title": "Acme"}
    store.record([s for name in names for s in filed(name, **facts)], offset=1)
    store.record([step("no step", title="Invoice")], offset=2)
    whole = queries.latest(limit=9)
    with database.transaction() as connection:  # as an earlier release would have left them
        unknown = dict.fromkeys(("searched", "rule", "room_title", "filed_at", "announced_at"))
        connection.execute(sa.update(UPLOADS).values(unknown))
        connection.exec_driver_sql("DELETE FROM history_steps WHERE correlation_id = 'no step'")
    assert len(queries.page(Filter(words=("invoice",)), limit=9).uploads) == 6
    assert queries.page(Filter(words=("acme",)), limit=9).uploads == ()
    assert [store.renew(limit=1) for _ in range(7)] == [1] * 6 + [0]
    assert queries.latest(limit=9) == whole
    assert len(queries.page(Filter(words=("acme",)), limit=9).uploads) == 5
    assert len(queries.page(Filter(words=("invoice",)), limit=9).uploads) == 6


def test_reading_the_stream_again_adds_what_was_not_told_and_takes_nothing_away(database):
    store, queries = Store(database), Queries(database)
    store.record(filed("a", title="Invoice 1"), offset=7)
    told = [step("a"), *(step("a", s.outcome, s.stage, s.at, room_title="Acme") for s in filed("a")[1:])]
    store.complete([*told, step("b", title="New")])
    assert store.offset() == 7
    timeline = [(s.title, s.room_title) for s in queries.timeline("a")]
    assert timeline == [("Invoice 1", None), *[(None, "Acme")] * 3]
    uploads = {u.correlation_id: u for u in queries.latest(limit=9)}
    assert (uploads["a"].title, uploads["a"].room_title, uploads["a"].state) == ("Invoice 1", "Acme", State.FILED)
    assert uploads["b"].title == "New"
