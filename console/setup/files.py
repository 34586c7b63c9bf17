"""Writes a file whole or not at all: whoever looks, or presses Ctrl-C, sees the old one or the new one."""

import contextlib
import os
import tempfile
from pathlib import Path

SECRET, PLAIN = 0o600, 0o644
"""`.env` is for its owner alone; rules are read by the workers' user in a container, who is another."""


def text_of(path: Path) -> str:
    """Empty where there is no such file; OSError or ValueError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def write(path: Path, text: str, mode: int) -> None:
    """OSError if it cannot be written; then the old one stands."""
    target = path.resolve()  # through a link, so that it stays one
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
