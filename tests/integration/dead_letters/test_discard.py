"""`dead discard`: to a file first, and only then off the broker."""

import json
from pathlib import Path

import pytest

from shared.store.ledger import Ledger, Won
from tests.integration.dead_letters.desk import bury, ids_in, run, tired
from tests.support.runtime import waiting_in


def test_discard_writes_each_letter_to_the_file_then_removes_it(url: str, tmp_path: Path) -> None:
    file = tmp_path / "dead.jsonl"
    file.write_text('{"older": 1}\n')
    bury(url, tired(1), tired(2), reason="no right")
    bury(url, tired(3), reason="locked")
    result = run("discard", "--reason", "no right", "--to", str(file), answer="y\n")
    assert result.exit_code == 0
    assert "Take 2 off the broker" in result.stderr
    older, *kept = map(json.loads, file.read_text().splitlines())
    assert older == {"older": 1}
    assert [(told["message_id"], told["title"]) for told in kept] == [
        (tired(1).message_id, "Invoice 1"),
        (tired(2).message_id, "Invoice 2"),
    ]
    assert kept[0]["properties"]["correlation_id"] == tired(1).correlation_id
    assert kept[0]["headers"]["attempt"] == 9
    assert list(ids_in(url, "mover.dead")) == [tired(3).message_id]


def test_discard_does_nothing_without_a_yes(url: str, tmp_path: Path) -> None:
    file = tmp_path / "dead.jsonl"
    bury(url, tired(1), reason="no right")
    for answer in ("n\n", ""):
        assert run("discard", "--all", "--to", str(file), answer=answer).exit_code == 1
    assert not file.exists()
    assert waiting_in(url, "mover.dead") == 1
    assert run("discard", "--all", "--to", str(file), "--yes").exit_code == 0
    assert waiting_in(url, "mover.dead") == 0


def test_discard_into_a_file_that_cannot_be_written_removes_nothing(url: str, tmp_path: Path) -> None:
    bury(url, tired(1), reason="no right")
    result = run("discard", "--all", "--yes", "--to", str(tmp_path / "no" / "such" / "folder"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert waiting_in(url, "mover.dead") == 1


def test_discard_gives_back_what_the_letter_claimed(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path}/ledger.db"
    ledger = Ledger(database, owner="mover")
    claim = ledger.claim("the upload", 60.0, message=tired(1).message_id)
    assert isinstance(claim, Won)
    ledger.release("the upload", claim.token)
    bury(url, tired(1), reason="no right")
    monkeypatch.setenv("DATABASE_URL", database)
    result = run("discard", "--all", "--yes", "--to", str(tmp_path / "dead.jsonl"))
    assert (result.exit_code, "Discarded into" in result.stderr) == (0, True)
    assert isinstance(ledger.claim("the upload", 60.0, message="later"), Won)
    ledger.close()


def test_discard_without_a_ledger_says_what_stays_claimed(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bury(url, tired(1), reason="no right")
    for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    result = run("discard", "--all", "--yes", "--to", str(tmp_path / "dead.jsonl"))
    assert result.exit_code == 0
    assert "intake: a later event of these uploads is still taken for" in result.stderr
