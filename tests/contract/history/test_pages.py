"""What is asked of the history for a page, on SQLite and PostgreSQL, with its text index and without."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from shared.store.history import pages, text_index
from shared.store.history.filter import EVERYTHING, Cursor, Filter
from shared.store.history.queries import Queries
from shared.store.history.step import Outcome, Step
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.history.upload import Standing, State, Upload
from tests.contract.history.steps import filed, step

HOUR_S = 3600


def ids(queries: Queries, limit: int = 99, **wanted) -> list[str]:
    return [upload.correlation_id for upload in queries.page(Filter(**wanted), limit=limit).uploads]


def test_pages_in_both_directions_show_each_upload_once_in_the_order_of_arrival(database):
    moments = [number // 3 for number in range(10)]  # three each at one time
    Store(database).record([step(f"{number:02}", at=at) for number, at in enumerate(moments)], offset=1)
    queries = Queries(database)
    seen, page = [], queries.page(EVERYTHING, limit=4)
    assert page.newer is None
    while True:
        seen.append([upload.correlation_id for upload in page.uploads])
        if page.older is None:
            break
        page = queries.page(EVERYTHING, before=Cursor.parse(str(page.older)), limit=4)
    assert seen == [["09", "08", "07", "06"], ["05", "04", "03", "02"], ["01", "00"]]
    back = queries.page(EVERYTHING, after=page.newer, limit=4)
    assert [upload.correlation_id for upload in back.uploads] == seen[1]
    first = queries.page(EVERYTHING, after=back.newer, limit=4)
    assert [upload.correlation_id for upload in first.uploads] == seen[0]
    assert first.newer is None


def test_an_upload_that_goes_on_meanwhile_stays_on_its_page(database):
    store, queries = Store(database), Queries(database)
    store.record([step(str(number), at=number) for number in range(4)], offset=1)
    page = queries.page(EVERYTHING, limit=2)
    store.record([step("0", Outcome.FORWARD, "classifier", at=500)], offset=2)
    assert [each.correlation_id for each in queries.page(EVERYTHING, before=page.older, limit=2).uploads] == [
        "1",
        "0",
    ]


@pytest.mark.parametrize("text", ["", "x", "1e5_a", "-1.0_a", "nan_a", "5_" + "a" * 1001])
def test_a_place_that_nobody_wrote_is_refused(text):
    with pytest.raises(ValueError, match="no place"):
        Cursor.parse(text)


def test_a_count_is_exact_up_to_the_most_and_then_one_more(database):
    Store(database).record([step(str(number), at=number) for number in range(12)], offset=1)
    queries = Queries(database)
    assert [queries.count(EVERYTHING, most) for most in (13, 12, 11, 5)] == [12, 12, 12, 6]
    assert queries.count(Filter(from_at=3, until_at=5)) == 2


@pytest.fixture(params=["indexed", "plain"])
def named(request: pytest.FixtureRequest, empty: Database, monkeypatch: pytest.MonkeyPatch) -> Queries:
    """Uploads whose words are asked for."""
    if request.param == "plain":
        monkeypatch.setattr(text_index, "make", lambda _: None)
    empty.create()
    assert (empty.without_text_index() is None) == (request.param == "indexed")
    facts: dict[str, dict[str, Any]] = {
        "a": {"title": "Rechnung ÜBER 100%_A.pdf", "room_title": "Acme Ltd", "uploaded_by": "Zoë Öztürk"},
        "b": {"title": "Acme, offer \U0001f4c4.pdf", "room_title": "Nord/Süd", "uploaded_by": "Ben"},
        "c": {"title": "zz \"quoted\" -- OR 'x'", "room_title": "Beta", "uploaded_by": "Acmeline"},
        "d": {"title": None},
    }
    Store(empty).record([step(name, at=at, **facts[name]) for at, name in enumerate("dcba")], offset=1)
    return Queries(empty)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["acme"], "abc"),
        (["ACME", "über"], "a"),
        (["acme", "zoë", "100%_a"], "a"),
        (["acme", "nobody"], ""),
        (["chnu"], "a"),
        (["/sü"], "b"),
        (["\U0001f4c4.pdf"], "b"),
        (['"quoted"'], "c"),
        (["-- or 'x'"], "c"),
        (["%"], ""),
        (["____"], ""),
        (["zz"], "c"),
        (["lt"], "a"),
        (["td"], ""),
        (["z"], "ac"),
        (["pdf"], "ab"),
        (["ltd\nzoë"], ""),
    ],
)
def test_each_word_is_part_of_title_room_or_uploader_and_a_short_one_begins_a_word(named, words, found):
    assert ids(named, words=tuple(words)) == list(found)
    assert named.count(Filter(words=tuple(words))) == len(found)


@pytest.mark.parametrize(("part", "found"), [("acme", "a"), ("D/S", "b"), ("be", "c"), ("zz", ""), ("ben", "")])
def test_a_room_is_found_by_a_part_of_its_title_alone(named, part, found):
    assert ids(named, room_title=part) == list(found)
    assert ids(named, room_title=part, words=("nowhere",)) == []


ASKED = [
    replace(more, words=words, standing=standing)
    for words in [("invoice",), ("legacy",), ("invoice", "LEGACY"), ("nobody",), ("in",)]
    for standing in [None, Standing.FILED, Standing.NOT_INVOICE]
    for more in [Filter(), Filter(from_at=1.5, until_at=5), Filter(room="1")]
]


def many_fates() -> list[Step]:
    """Six in each second, the older ones with a word that no newer one has."""
    steps = []
    for number in range(40):
        upload, at = f"{number * 7 % 40:02}", number // 6 + number % 2 / 4
        title = f"{'Legacy ' if number < 15 else ''}{'Invoice' if number % 2 else 'Offer'} {number}"
        told: dict[str, Any] = {"title": title, "room": str(number % 3)}
        ended = {0: [], 1: filed(upload, at, **told)[1:], 2: [step(upload, Outcome.SKIP, "classifier", at, **told)]}
        steps += [step(upload, at=at, **told), *ended[number % 5 % 3]]
    return steps


def fits(upload: Upload, asked: Filter) -> bool:
    words = [word.casefold() for word in asked.words]
    return (
        all(word in (upload.title or "").casefold() for word in words)
        and asked.standing in (None, upload.standing)
        and asked.room in (None, upload.room)
        and (asked.from_at is None or upload.first_at >= asked.from_at)
        and (asked.until_at is None or upload.first_at < asked.until_at)
    )


@pytest.mark.parametrize("near", [3, 12])
def test_words_are_found_alike_one_by_one_and_by_the_index(database, monkeypatch, near):
    monkeypatch.setattr(pages, "NEAR", near)
    store, queries = Store(database), Queries(database)
    for turn, odd in enumerate((1, 0)):  # so those of one second do not come in their order
        store.record([each for each in many_fates() if int(each.correlation_id) % 2 == odd], offset=1 + turn)
    store.record([step("05", at=1), step("07", at=0.25)], offset=3)
    everything = queries.page(EVERYTHING, limit=99).uploads
    for asked in ASKED:
        expected = [upload.correlation_id for upload in everything if fits(upload, asked)]
        assert [queries.count(asked, most) for most in (4, 99)] == [min(len(expected), 5), len(expected)], asked
        for most in (4, 99):
            newest, number = queries.newest(asked, limit=4, most=most)
            assert number == min(len(expected), most + 1), asked
            assert newest == queries.page(asked, limit=4), asked
        seen: list[Upload] = []
        page = queries.page(asked, limit=4)
        while page.older is not None:
            seen += page.uploads
            page = queries.page(asked, before=page.older, limit=4)
        seen += page.uploads
        assert [upload.correlation_id for upload in seen] == expected, asked
        while page.newer is not None:
            page = queries.page(asked, after=page.newer, limit=4)
            place = expected.index(page.uploads[0].correlation_id)
            assert [upload.correlation_id for upload in page.uploads] == expected[place : place + 4], asked


def test_a_title_that_changes_is_found_by_the_new_one_alone(database):
    store, queries = Store(database), Queries(database)
    store.record([step("a", at=1, title="Scan 0815"), step("b", at=2, title="Scan 0816")], offset=1)
    store.record([step("a", Outcome.FORWARD, "classifier", at=3, title="Invoice 4711")], offset=2)
    assert ids(queries, words=("4711",)) == ["a"]
    assert ids(queries, words=("scan",)) == ["b"]


FATES = {
    "filed and told": filed("filed and told"),
    "filed, waits": filed("filed, waits")[:3],
    "filed, mail failed": [
        *filed("filed, mail failed")[:3],
        step("filed, mail failed", Outcome.DEAD, "notifier", 103),
    ],
    "filed, mail put away": [
        *filed("filed, mail put away")[:3],
        step("filed, mail put away", Outcome.DISCARD, "notifier", 104),
    ],
    "waits": [step("waits")],
    "no invoice": [step("no invoice"), step("no invoice", Outcome.SKIP, "classifier", 101)],
    "dead": [step("dead"), step("dead", Outcome.DEAD, "classifier", 101)],
}


def test_the_filter_by_standing_and_the_upload_itself_agree(database):
    Store(database).record(list(itertools.chain(*FATES.values())), offset=1)
    queries = Queries(database)
    uploads = queries.page(EVERYTHING, limit=99).uploads
    assert len(uploads) == len(FATES)
    for standing in Standing:
        expected = {upload.correlation_id for upload in uploads if upload.standing is standing}
        assert set(ids(queries, standing=standing)) == expected
        assert queries.count(Filter(standing=standing)) == len(expected)
        assert ids(queries, standing=standing, limit=1) == sorted(expected, reverse=True)[:1]
    assert set(ids(queries, standing=Standing.FILED)) == {"filed and told", "filed, waits", "filed, mail put away"}
    assert set(ids(queries, state=State.WAITING)) == {"filed, waits", "waits"}


def test_rooms_tell_their_newest_title_their_last_upload_and_what_became_of_them(database):
    Store(database).record(
        [
            *filed("a", at=10, room="1", room_title="Acme"),
            step("b", at=50, room="1", room_title="Acme Ltd"),
            step("c", at=60, room="1"),
            step("d", at=70, room="2"),
            step("old", at=1, room="3", room_title="Gone"),
        ],
        offset=1,
    )
    two, one = Queries(database).rooms(since=5)
    assert (one.room, one.title, one.last_at) == ("1", "Acme Ltd", 60)
    assert one.uploads_by_state == {State.FILED: 1, State.WAITING: 2}
    assert one.uploads_by_standing == {Standing.FILED: 1, Standing.ON_ITS_WAY: 2}
    assert (two.room, two.title, two.last_at) == ("2", None, 70)


def test_each_hour_tells_what_became_of_its_uploads(database):
    Store(database).record(
        [
            step("before", at=HOUR_S - 0.001),
            *filed("a", at=HOUR_S),
            *filed("b", at=2 * HOUR_S - 0.5)[:3],
            step("c", at=3 * HOUR_S),
            *[step("d", at=3 * HOUR_S + 1), step("d", Outcome.DEAD, "mover", 3 * HOUR_S + 9)],
            *[step("e", at=3 * HOUR_S + 2), step("e", Outcome.SKIP, "classifier", 9 * HOUR_S)],
        ],
        offset=1,
    )
    one, three = Queries(database).hours(since=HOUR_S + 100)
    assert (one.start, one.filed, one.waiting, one.failed, one.skipped) == (HOUR_S, 2, 0, 0, 0)
    assert (three.start, three.filed, three.waiting, three.failed, three.skipped) == (3 * HOUR_S, 0, 1, 1, 1)


@pytest.mark.parametrize("name", ["5f0c8a52", "5f0c8a52-6a4e", "5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11"])
def test_the_beginning_of_its_id_finds_an_upload(database, name):
    others = ["5f0c8a51-ffff-5d0b-9c65-2f1d3c0f7a11", "5f0c8a53-0000-5d0b-9c65-2f1d3c0f7a11"]
    mine = "5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11"
    Store(database).record([step(each) for each in (mine, *others)], offset=1)
    queries = Queries(database)
    assert [upload.correlation_id for upload in queries.with_id(name, 9)] == [mine]
    assert queries.with_id("5f0c8a5", 9) == []  # too short to mean one
