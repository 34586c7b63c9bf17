"""The webhook triggers: a name and one bit each. Zero stands for every trigger."""

NAMES = (
    "user.created", "user.invited", "user.updated", "user.deleted",
    "group.created", "group.updated", "group.deleted",
    "file.created", "file.uploaded", "file.updated", "file.trashed", "file.deleted", "file.restored",
    "file.copied", "file.moved",
    "folder.created", "folder.updated", "folder.trashed", "folder.deleted", "folder.restored", "folder.copied",
    "folder.moved",
    "room.created", "room.updated", "room.archived", "room.deleted", "room.restored", "room.copied",
    "form.submit", "form.filled.out", "form.stopped",
    "agent.created", "agent.updated", "agent.deleted",
    "file.downloaded", "folder.downloaded",
)  # fmt: skip
BITS = {name: 1 << bit for bit, name in enumerate(NAMES)}
ALL = 0
SHOWN = [
    "*",
    *NAMES[: NAMES.index("file.moved") + 1], "file.downloaded",
    *NAMES[NAMES.index("folder.created") : NAMES.index("folder.moved") + 1], "folder.downloaded",
    *NAMES[NAMES.index("room.created") : NAMES.index("agent.deleted") + 1],
]  # fmt: skip
"""The triggers in the order in which the portal lists them."""
RESERVED = frozenset(
    name
    for name in NAMES
    if name.startswith(("group.", "agent.created")) or name in {"user.created", "user.invited"}
) | {"room.created", "room.copied"}
"""Triggers that only users who may make rooms can have."""
UPLOADS = BITS["file.created"] | BITS["file.uploaded"]
BROUGHT_IN = BITS["folder.moved"] | BITS["folder.restored"] | BITS["room.restored"]
"""Triggers of folders and rooms that bring files along. No event is sent for these files."""


def names(mask: int) -> list[str]:
    """The triggers that a webhook's body shows; `["*"]` for all."""
    return [name for name, bit in BITS.items() if mask & bit] if mask != ALL else ["*"]


def matches(mask: int, trigger: str) -> bool:
    return mask == ALL or bool(mask & BITS[trigger])
