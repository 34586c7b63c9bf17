"""The names of the portal's webhook triggers and their bits. Source: WebhookTrigger.cs of DocSpace-server 3.7.2."""

from collections.abc import Collection

NAMES = (
    *("user.created", "user.invited", "user.updated", "user.deleted"),
    *("group.created", "group.updated", "group.deleted"),
    *("file.created", "file.uploaded", "file.updated", "file.trashed", "file.deleted", "file.restored"),
    *("file.copied", "file.moved"),
    *("folder.created", "folder.updated", "folder.trashed", "folder.deleted", "folder.restored"),
    *("folder.copied", "folder.moved"),
    *("room.created", "room.updated", "room.archived", "room.deleted", "room.restored", "room.copied"),
    *("form.submit", "form.filled.out", "form.stopped"),
    *("agent.created", "agent.updated", "agent.deleted"),
    *("file.downloaded", "folder.downloaded"),
)
"""In the order of their bits."""
ALL = 0
"""A mask of nothing stands for every trigger."""


def mask(names: Collection[str]) -> int:
    """ValueError for a name that the portal does not have."""
    return sum(1 << NAMES.index(name) for name in set(names))


def names(bits: int) -> frozenset[str]:
    """Bits that are not known here, of a newer portal, are left out."""
    return frozenset(name for bit, name in enumerate(NAMES) if bits == ALL or bits & (1 << bit))
