"""Published rules, on both databases; a second store stands for another process."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from shared.errors import TransientError
from shared.store.database import engine_for, url_of
from shared.store.ledger import Ledger
from shared.store.rulebook.reader import NoVersionError, Published, RulebookReader
from shared.store.rulebook.store import OvertakenError, RulebookStore

FIRST, SECOND = "# ours\n[[rule]]\n", "[[rule]]\nname = 'ä'\n"


@pytest.fixture
def store(database_url: str) -> Iterator[RulebookStore]:
    found = RulebookStore(database_url)
    yield found
    found.close()


@pytest.fixture
def reader(database_url: str) -> Iterator[RulebookReader]:
    found = RulebookReader(database_url)
    yield found
    found.close()


def test_nothing_was_published_where_there_is_no_table_and_none_is_made(
    database_url: str, reader: RulebookReader
) -> None:
    assert (reader.switch(), reader.live()) == (0, None)
    ledger = Ledger(database_url, owner="test")
    assert ledger.check() is None
    ledger.close()
    assert (reader.switch(), reader.live()) == (0, None)
    engine = engine_for(url_of(database_url))
    assert [name for name in sa.inspect(engine).get_table_names() if name.startswith("rulebook")] == []
    engine.dispose()


def test_what_was_published_last_is_live_and_the_text_is_kept_as_it_is(
    store: RulebookStore, reader: RulebookReader
) -> None:
    assert store.current() is None
    assert [store.publish(text, "anna", "why", rules_hash=text[:4]) for text in (FIRST, SECOND)] == [1, 2]
    assert reader.live() == Published(switch=2, version=2, text=SECOND)
    newest, oldest = store.versions()
    assert (oldest.number, oldest.text, oldest.hash, oldest.live) == (1, FIRST, FIRST[:4], False)
    assert (newest.by, newest.comment, newest.live) == ("anna", "why", True)
    assert store.current() == newest == store.version(2)
    assert newest.at >= oldest.at > 1_700_000_000


def test_going_back_is_a_switch_of_its_own_and_takes_no_version_away(
    store: RulebookStore, reader: RulebookReader
) -> None:
    for text in (FIRST, SECOND):
        store.publish(text, "anna", "", rules_hash="")
    store.switch_to(1, "ben", "too many")
    assert reader.live() == Published(switch=3, version=1, text=FIRST)
    assert [(each.version, each.by, each.comment) for each in store.switches()] == [
        (1, "ben", "too many"),
        (2, "anna", ""),
        (1, "anna", ""),
    ]
    assert store.publish(SECOND, "anna", "", rules_hash="") == 3


def test_a_version_that_is_not_there_changes_nothing(store: RulebookStore, reader: RulebookReader) -> None:
    store.publish(FIRST, "anna", "", rules_hash="")
    with pytest.raises(NoVersionError, match="version 7"):
        store.switch_to(7, "anna", "")
    with pytest.raises(NoVersionError):
        store.version(7)
    assert reader.switch() == 1


def test_who_was_overtaken_is_told_by_whom_and_publishes_nothing(store: RulebookStore, database_url: str) -> None:
    other = RulebookStore(database_url)
    store.publish(FIRST, "anna", "", rules_hash="", over=0)
    with pytest.raises(OvertakenError, match="anna made version 1 live"):
        other.publish(SECOND, "ben", "", rules_hash="", over=0)
    with pytest.raises(OvertakenError):
        other.switch_to(1, "ben", "", over=0)
    assert len(store.versions()) == len(store.switches()) == 1
    other.close()


def test_many_who_publish_at_once_get_a_version_each(database_url: str) -> None:
    stores = [RulebookStore(database_url) for _ in range(8)]
    got: list[int] = []

    def publish(store: RulebookStore) -> None:
        got.append(store.publish(FIRST, "anna", "", rules_hash=""))

    threads = [threading.Thread(target=publish, args=(each,)) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(got) == list(range(1, 9))
    assert [each.version for each in stores[0].switches()] == sorted(got, reverse=True)
    for each in stores:
        each.close()


def test_a_database_that_is_away_is_an_error_that_passes_and_names_no_password() -> None:
    reader = RulebookReader("postgresql://intake:secret@127.0.0.1:1/intake")
    with pytest.raises(TransientError, match="the published rules cannot be read") as caught:
        reader.switch()
    assert "secret" not in str(caught.value)
