"""The console's own files: styles, scripts, icons. Read once; an address holds the content's hash."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
}
HASH_CHARS = 12
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "no-cache"


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    compressed: bytes
    content_type: str
    version: str


class StaticFiles:
    """All of them, read at the start."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): _read(path) for path in folder.rglob("*") if path.suffix in TYPES
        }

    def find(self, name: str) -> File | None:
        return self._files.get(name)

    def address(self, name: str) -> str:
        """For a page. KeyError where there is no such file."""
        return f"/static/{name}?v={self._files[name].version}"


def _read(path: Path) -> File:
    body = path.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:HASH_CHARS]
    return File(body, gzip.compress(body, mtime=0), TYPES[path.suffix], version)
