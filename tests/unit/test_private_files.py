"""What the product keeps of clients and their files is nobody else's to read, whatever the umask says."""

import os
import stat
from contextlib import closing

import pytest

from console.dead.archive import Archive
from ingress.spool import Spool
from shared.store.history.tables import Database as HistoryDatabase
from shared.store.ledger import Ledger
from shared.store.private_file import make_private


@pytest.fixture(autouse=True)
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_the_ledger_and_the_history(tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    with closing(Ledger(url, owner="test")) as ledger:
        ledger.claim("key", 30.0)
        with closing(HistoryDatabase(f"sqlite:///{tmp_path}/history.db")) as history:
            history.create()
        found = modes(tmp_path)
    assert {"ledger.db", "history.db"} <= set(found)
    assert set(found.values()) == {0o600}


def test_a_file_that_is_there_keeps_its_mode(tmp_path) -> None:
    path = tmp_path / "kept.db"
    path.touch(0o640)
    make_private(path)
    assert modes(tmp_path) == {"kept.db": 0o640}


def test_the_spool_and_the_file_of_discarded_letters(tmp_path) -> None:
    spool = Spool(tmp_path / "spool.db", 1_000_000)
    with Archive(tmp_path / "dead.jsonl"):
        found = modes(tmp_path)
    spool.close()
    assert {"spool.db", "dead.jsonl"} <= set(found)
    assert set(found.values()) == {0o600}


def test_where_none_can_be_made_whoever_opens_it_says_so(tmp_path) -> None:
    make_private(tmp_path / "nowhere" / "dead.jsonl")
    assert modes(tmp_path) == {}
    with pytest.raises(FileNotFoundError):
        Archive(tmp_path / "nowhere" / "dead.jsonl")
