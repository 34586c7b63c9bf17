"""Replaces an endpoint's secret: for a while both sign, then the new one alone."""

import os
import tempfile
from pathlib import Path

from shared.hooks.signature import made


def add(file: Path) -> str:
    """Put a new secret first in the file; returns it. Those that are there go on to sign. OSError."""
    secret = made()
    _write(file, [secret, *_lines(file)])
    return secret


def keep_newest(file: Path) -> int:
    """Leave the first secret alone in the file. Returns how many were taken out. OSError."""
    lines = _lines(file)
    _write(file, lines[:1])
    return max(0, len(lines) - 1)


def _lines(file: Path) -> list[str]:
    if not file.exists():
        return []
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _write(file: Path, lines: list[str]) -> None:
    """Whoever reads it sees the one or the other, never a part. The owner and the rights stay."""
    before = file.stat() if file.exists() else None
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write("".join(f"{line}\n" for line in lines))
            if before is not None:
                os.fchmod(opened.fileno(), before.st_mode & 0o777)
                if os.geteuid() == 0:
                    os.fchown(opened.fileno(), before.st_uid, before.st_gid)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
