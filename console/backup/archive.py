"""A backup's file: a tar with gzip, in it a manifest that says how long each member is and what it hashes to.

A member is written to a folder first, and read from one: all hashes are looked at before anything is used.
"""

import contextlib
import gzip
import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from shared import VERSION
from shared.errors import PermanentError
from shared.store.backup.snapshot import Version
from shared.store.private_file import OWNER_ALONE

FORMAT = 1
"""A program reads no higher one."""
MANIFEST = "manifest.json"
PIECE_BYTES = 1 << 20
_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*")
"""No way out of the folder."""


class ArchiveError(PermanentError):
    """It is no backup, it is damaged, or a newer program made it."""


class Member(msgspec.Struct, frozen=True):
    sha256: str
    bytes: int
    count: int
    """Of rows, messages or events; 1 of a file."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    id: str
    product: str
    """The version of the program that made it."""
    made_at: str
    with_secrets: bool
    schemas: dict[str, Version]
    """By part of the database."""
    spools: list[str]
    """Their paths, in the order of their members."""
    members: dict[str, Member] = {}

    def count(self, folder: str) -> int:
        """Over all members there."""
        return sum(member.count for name, member in self.members.items() if name.startswith(f"{folder}/"))

    def beside(self, folder: str) -> list[str]:
        """The names of the members there, in order."""
        return sorted(name for name in self.members if name.startswith(f"{folder}/"))


class Unpacked:
    def __init__(self, manifest: Manifest, folder: Path) -> None:
        self.manifest = manifest
        self._folder = folder

    def path(self, name: str) -> Path:
        return self._folder / name

    def lines(self, name: str) -> Iterator[Any]:
        """ArchiveError for a line that is no JSON."""
        with self.path(name).open(encoding="utf-8") as file:
            for line in file:
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise ArchiveError(f"{name} in the backup cannot be read: {error}") from error


class Packing:
    """Collects the members in a folder that is gone at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members: dict[str, Member] = {}

    def lines(self, name: str, records: Iterable[Any]) -> int:
        """One JSON line each; how many."""
        count = 0
        with self.begun(name).open("w", encoding="utf-8") as file:
            for record in records:
                file.write(json.dumps(record, separators=(",", ":")) + "\n")
                count += 1
        self.done(name, count)
        return count

    def begun(self, name: str) -> Path:
        """Where to write a member; `done` takes it in."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def done(self, name: str, count: int = 1) -> None:
        path = self._folder / name
        self._members[name] = Member(_hash_of(path), path.stat().st_size, count)

    def pack(
        self, to: Path, schemas: dict[str, Version], spools: Sequence[Path], *, with_secrets: bool
    ) -> Manifest:
        """The file is there as a whole or not at all, for its owner alone. OSError."""
        manifest = Manifest(
            format=FORMAT,
            id=uuid4().hex,
            product=VERSION,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            with_secrets=with_secrets,
            schemas=schemas,
            spools=[str(path) for path in spools],
            members=self._members,
        )
        (self._folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        part = to.with_name(f".{to.name}.part")
        try:
            with (
                os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, OWNER_ALONE), "wb") as file,
                tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar,
            ):
                for name in (MANIFEST, *self._members):
                    tar.add(self._folder / name, name)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(to)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return manifest


@contextlib.contextmanager
def packing(beside: Path) -> Iterator[Packing]:
    """The folder is on the disk of the file that is made, and nobody else may look into it."""
    with tempfile.TemporaryDirectory(prefix=".intake-backup-", dir=beside) as folder:
        yield Packing(Path(folder))


@contextlib.contextmanager
def unpacked(file: Path) -> Iterator[Unpacked]:
    """All members, once each was found to be what the manifest says. ArchiveError, OSError."""
    with tempfile.TemporaryDirectory(prefix=".intake-restore-", dir=file.resolve().parent) as folder:
        yield Unpacked(_unpack(file, Path(folder)), Path(folder))


def _unpack(file: Path, folder: Path) -> Manifest:
    manifest = None
    found: dict[str, Member] = {}
    try:
        with gzip.open(file) as whole:  # tar reads no further than its own end, and gzip's checksum comes after it
            while whole.read(PIECE_BYTES):
                pass
        with tarfile.open(file, "r|gz") as tar:
            for entry in tar:
                source = tar.extractfile(entry)
                if source is None or not _NAME.fullmatch(entry.name):
                    raise ArchiveError(f"{file} is no backup of intake: it holds {entry.name}")
                if manifest is None:
                    manifest = _manifest(file, entry.name, source.read())
                    continue
                if entry.name not in manifest.members:
                    raise ArchiveError(f"{file} holds {entry.name}, of which its manifest says nothing")
                found[entry.name] = _copied(source, folder / entry.name, manifest.members[entry.name].count)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        raise ArchiveError(f"{file} is damaged, or no backup of intake: {error or 'it ends too soon'}") from error
    if manifest is None:
        raise ArchiveError(f"{file} is no backup of intake: it is empty")
    if damaged := sorted(name for name, member in manifest.members.items() if found.get(name) != member):
        raise ArchiveError(f"{file} is damaged: {damaged[0]} is missing or not what was written")
    return manifest


def _manifest(file: Path, name: str, text: bytes) -> Manifest:
    if name != MANIFEST:
        raise ArchiveError(f"{file} is no backup of intake: it does not begin with {MANIFEST}")
    try:
        version = int(json.loads(text)["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{file} is no backup of intake: its manifest cannot be read") from error
    if version > FORMAT:
        raise ArchiveError(
            f"{file} has format {version}, and this program reads {FORMAT} at most: upgrade the program"
        )
    try:
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise ArchiveError(f"{file}: its manifest cannot be read: {error}") from error


def _copied(source: Any, to: Path, count: int) -> Member:
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as target:
        shutil.copyfileobj(source, target, PIECE_BYTES)
    return Member(_hash_of(to), to.stat().st_size, count)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
