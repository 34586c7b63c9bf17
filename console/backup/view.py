"""What a backup holds, for people and programs."""

from typing import Any

from console.backup.archive import Manifest
from console.backup.files import FOLDER
from console.backup.taking import MESSAGES, SPOOLS, TABLES
from shared.amqp.operator.stream import QUEUE


def facts(manifest: Manifest) -> dict[str, Any]:
    """As JSON."""
    return {
        "id": manifest.id,
        "made_at": manifest.made_at,
        "product": manifest.product,
        "with_secrets": manifest.with_secrets,
        "rows": _rows(manifest),
        "messages": _counts(manifest, MESSAGES, ".jsonl"),
        "spools": dict(zip(manifest.spools, _counts(manifest, SPOOLS, "").values(), strict=True)),
        "files": list(_counts(manifest, FOLDER, "")),
    }


def told(manifest: Manifest) -> str:
    """In one line."""
    streamed = _counts(manifest, MESSAGES, ".jsonl").get(QUEUE, 0)
    return (
        f"{_rows(manifest):,} rows, {manifest.count(MESSAGES) - streamed:,} messages in queues, "
        f"{streamed:,} in the history's stream, {manifest.count(SPOOLS):,} events in the spool"
    )


def _counts(manifest: Manifest, folder: str, suffix: str) -> dict[str, int]:
    return {
        name.removeprefix(f"{folder}/").removesuffix(suffix): manifest.members[name].count
        for name in manifest.beside(folder)
    }


def _rows(manifest: Manifest) -> int:
    """Each table has a line of its columns."""
    return sum(manifest.members[name].count - 1 for name in manifest.beside(TABLES))
