"""A database of the first release: what is in it stays, and the programs that made it go on beside newer ones."""

from collections.abc import Iterator

import pytest

from shared.store.history.filter import EVERYTHING, Filter
from shared.store.history.queries import Queries
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.ledger import Done, Held, Ledger
from tests.contract.ledger.claims import LONG_S, won
from tests.contract.store import released as r
from tests.contract.store.released import Released, released


@pytest.fixture
def old(database_url: str) -> Iterator[Released]:
    with released(database_url) as program:
        program.run(*r.LEDGER, *r.HISTORY, *r.ROWS, *r.HISTORY_ROWS)
        yield program


@pytest.fixture
def ledger(old: Released, database_url: str) -> Iterator[Ledger]:
    ledger = Ledger(database_url, owner="new")
    yield ledger
    ledger.close()


def test_what_the_released_version_left_in_the_ledger_is_there_after_the_upgrade(ledger):
    assert ledger.claim("done", LONG_S, message="m") == Done("yes")
    assert ledger.peek("done").completed_at == 1_700_000_000
    held = ledger.claim("held", LONG_S, message="m")
    assert isinstance(held, Held)
    assert (held.owner, held.progress, held.message) == ("mover@a:7", "operation 7", "")
    assert won(ledger.claim("open", LONG_S, message="m")).taken_over
    assert ledger.peek("open").message == "m"


def test_an_upgraded_ledger_says_so_and_a_new_one_does_not(ledger, tmp_path):
    assert ledger.upgraded()
    fresh = Ledger(f"sqlite:///{tmp_path}/fresh.db", owner="new")
    assert not fresh.upgraded()
    fresh.close()


def test_what_the_released_version_left_in_the_history_is_there_after_the_upgrade(old, database_url):
    database = Database(database_url)
    (upload,) = Queries(database).find("INVOICE", 9)  # nobody called `create` before
    assert (upload.correlation_id, upload.file_id) == ("a", "4711")
    store = Store(database)
    (step,) = Queries(database).timeline("a")
    assert (step.key, step.by, store.offset()) == ("k1", "ingress@a:7", 0)
    assert old.run("SELECT portal, code FROM history_steps") == [("default", None)]
    assert old.run("SELECT portal, code FROM history_uploads") == [("default", None)]
    database.close()


def test_a_released_upload_is_listed_and_searched_before_it_is_renewed_and_after(old, database_url):
    database = Database(database_url, writes=True)
    database.create()
    old.run(r.STEP, key="k2", upload="a", at=200)  # which its projector added, with the rule
    queries = Queries(database)

    def facts() -> list[object]:
        (upload,) = queries.page(Filter(words=("voice",)), limit=9).uploads
        assert queries.page(EVERYTHING, limit=9).uploads == (upload,)
        return [upload.title, upload.rule, upload.filed_at, upload.stage]

    assert facts() == ["Invoice 1.pdf", None, None, None]
    assert Store(database).renew(limit=9) == 1
    assert facts() == ["Invoice 1.pdf", "acme", 200, "notifier"]
    old.run(r.UPLOAD, upload="a", at=300)  # it goes on beside the new one
    assert facts() == ["Invoice 1.pdf", "acme", 200, "notifier"]
    database.close()


def test_released_workers_claim_note_release_and_complete_on_the_upgraded_table(ledger, old):
    assert ledger.check() is None
    won(ledger.claim("mine", LONG_S, message="m"))
    assert old.run(r.CLAIM, key="mine", token="t", lease_s=300) == []
    assert old.run(r.LOOK, key="mine")[0].remaining_s > 200
    assert [row.wins for row in old.run(r.CLAIM, key="new", token="t", lease_s=300)] == [1]
    assert isinstance(ledger.claim("new", LONG_S, message="m"), Held)
    old.run(r.NOTE, key="new", token="t", progress="operation 8")
    old.run(r.FORGET_UNTOUCHED, r.GIVE_BACK, key="new", token="t")
    claim = won(ledger.claim("new", LONG_S, message="m"))
    assert (claim.progress, claim.taken_over) == ("operation 8", True)
    old.run(r.COMPLETE, key="new", result="filed")
    assert ledger.claim("new", LONG_S, message="m") == Done("filed")
    old.run(r.PRUNE, older_than_s=LONG_S)
    assert old.run(r.LOOK, key="done") == []


def test_released_workers_win_by_the_lease_alone_whatever_the_message(ledger, old):
    token = won(ledger.claim("k", LONG_S, message="m")).token
    ledger.release("k", token)
    assert [row.wins for row in old.run(r.CLAIM, key="k", token="t", lease_s=300)] == [1]
    assert isinstance(ledger.claim("k", LONG_S, message="m"), Held)


def test_a_released_projector_and_its_reader_go_on_with_the_upgraded_history(old, database_url):
    database = Database(database_url)
    database.create()
    old.run(*r.HISTORY)
    old.run(r.STEP, key="k2", upload="a", at=200)
    old.run(r.UPLOAD, upload="a", at=200)
    assert [row.key for row in old.run(r.READ_STEPS, upload="a")] == ["k1", "k2"]
    assert [step.rule for step in Queries(database).timeline("a")] == [None, "acme"]
    assert [upload.last_at for upload in Queries(database).find("4711", 9)] == [200]
    assert old.run("SELECT DISTINCT portal FROM history_steps") == [("default",)]
    database.close()
