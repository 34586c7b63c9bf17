"""A backup's file is believed only if every byte of it is as it was written."""

import gzip
import json
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from console.backup import archive
from console.backup.archive import ArchiveError, packing, unpacked
from console.backup.files import without_secrets
from console.restore.giving import UnfitError, refuse_newer
from console.setup import dotenv
from shared.store.backup.snapshot import Version

VERSIONS = {"ledger": Version(version=2, first_version=1, upgraded_at=7.5)}
ENV = """
# ours
DOCSPACE_API_HOST=https://portal.example.com
DOCSPACE_API_KEY=sk-abc
  export  SMTP_URL='smtp://user:pw@mail.example.com'
#SMTP_URL=smtp://user:pw4@old.example.com
DATABASE_URL=postgresql://intake@postgres/intake
AMQP_URL=amqp://guest:guest@rabbitmq
MANAGEMENT_URL=http://rabbitmq:15672
POSTGRES_PASSWORD=pw2
DOCSPACE_WEBHOOK_SECRET_FILE=/run/secrets/hook
OTHER=https://anna:pw3@example.com
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with packing(tmp_path) as pack:
        pack.lines("tables/ledger.jsonl", [["key"], ["k"]])
        pack.begun("spools/0.db").write_bytes(b"\x00spool")
        pack.done("spools/0.db", 3)
        pack.pack(tmp_path / "b.tar.gz", VERSIONS, [Path("var/spool.db")], with_secrets=False)
    return tmp_path / "b.tar.gz"


def test_what_was_packed_is_unpacked_and_nothing_is_left_beside_it(file: Path) -> None:
    with unpacked(file) as backup:
        assert list(backup.lines("tables/ledger.jsonl")) == [["key"], ["k"]]
        assert backup.path("spools/0.db").read_bytes() == b"\x00spool"
        assert (backup.manifest.schemas, backup.manifest.count("spools")) == (VERSIONS, 3)
    assert (list(file.parent.iterdir()), file.stat().st_mode & 0o777) == ([file], 0o600)


def test_a_file_that_ends_too_soon_or_differs_in_a_byte_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for damaged in (
        whole[:-20],
        whole[:40],
        whole[: len(whole) // 2],
        b"",
        b"no archive",
        gzip.compress(b"no tar"),
    ):
        file.write_bytes(damaged)
        with pytest.raises(ArchiveError), unpacked(file):
            pass
    for place in range(10, len(whole), 7):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            with unpacked(file) as backup:
                assert backup.path("spools/0.db").read_bytes() == b"\x00spool"  # a bit that says nothing
        except ArchiveError:
            pass


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with tarfile.open(file) as tar:
        members = {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]
    change(members)
    with tarfile.open(file, "w:gz") as tar:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, BytesIO(body))
    return file


def manifest_with(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[archive.MANIFEST] = json.dumps(json.loads(members[archive.MANIFEST]) | changes).encode()

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update({"spools/0.db": b"other"}), "damaged: spools/0.db"),
        (lambda m: m.pop("tables/ledger.jsonl"), "damaged: tables/ledger.jsonl"),
        (lambda m: m.update({"tables/more.jsonl": b""}), "says nothing"),
        (lambda m: m.update({"../out": b""}), "it holds ../out"),
        (lambda m: m.pop(archive.MANIFEST), "does not begin with"),
        (manifest_with(format=2), "has format 2, and this program reads 1 at most: upgrade the program"),
        (manifest_with(schemas=7), "its manifest cannot be read"),
    ],
)
def test_a_changed_file_is_refused_with_what_is_wrong(file: Path, change: Callable[..., None], said: str) -> None:
    with pytest.raises(ArchiveError) as error, unpacked(rewritten(file, change)):
        pass
    assert said in str(error.value)
    assert not (file.parent / "out").exists()


def test_a_backup_with_newer_tables_is_refused_with_a_sentence(file: Path) -> None:
    with unpacked(file) as backup:
        refuse_newer(backup.manifest)
    newer = {"ledger": {"version": 99, "first_version": 1, "upgraded_at": None}}
    with (
        unpacked(rewritten(file, manifest_with(schemas=newer, product="9.9"))) as backup,
        pytest.raises(
            UnfitError,
            match=r"intake 9\.9, whose tables of the ledger are newer \(version 99\).*upgrade the program",
        ),
    ):
        refuse_newer(backup.manifest)


def test_secrets_are_left_out_of_the_settings_and_all_else_stays() -> None:
    text = without_secrets(ENV)
    assert [secret for secret in ("sk-abc", "pw@", "pw2", "pw3", "pw4", "guest") if secret in text] == []
    assert dotenv.values(text) == {
        "DOCSPACE_API_HOST": "https://portal.example.com",
        "MANAGEMENT_URL": "http://rabbitmq:15672",
        "DOCSPACE_WEBHOOK_SECRET_FILE": "/run/secrets/hook",
    }
    assert "# DOCSPACE_API_KEY: a secret" in text
