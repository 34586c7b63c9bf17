"""A dead letter as one JSON object, and the file of discarded ones: appended to, on disk before the ack."""

import base64
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from console.dead.facts import code, died_at, reason, title, utc
from shared.amqp.operator.dead_letters import DeadLetter
from shared.store.private_file import make_private


def record(letter: DeadLetter) -> dict[str, Any]:
    """`body` is text, or base64 where it is none: `body_encoding` says which."""
    try:
        body, encoding = letter.body.decode(), "utf-8"
    except UnicodeDecodeError:
        body, encoding = base64.b64encode(letter.body).decode(), "base64"
    return {
        "stage": letter.stage,
        "message_id": letter.message_id,
        "reason": reason(letter),
        "code": code(letter),
        "died_at": utc(died_at(letter)),
        "title": title(letter),
        "properties": letter.properties,
        "headers": letter.headers,
        "body_encoding": encoding,
        "body": body,
    }


def line(letter: DeadLetter) -> str:
    return json.dumps(record(letter), default=_plain)


def pretty(value: object) -> str:
    return json.dumps(value, default=_plain, indent=2)


class Archive:
    """A context manager. Only appends, so that what the file holds stays; OSError if it cannot."""

    def __init__(self, path: Path) -> None:
        make_private(path)
        self._file = path.open("a+b")
        try:
            self._begin_line()
            _sync_folder(path)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def keep(self, letter: DeadLetter) -> None:
        """Returns when the letter is on disk."""
        self._file.write(line(letter).encode(errors="backslashreplace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _begin_line(self) -> None:
        """A file that ends within a line, after a crash, gets its line end first."""
        if self._file.seekable() and self._file.seek(0, os.SEEK_END):
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":
                self._file.write(b"\n")


def _sync_folder(path: Path) -> None:
    """So that a new file's name survives a crash too."""
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _plain(value: object) -> str:
    """What AMQP headers can hold and JSON cannot."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return str(value)
