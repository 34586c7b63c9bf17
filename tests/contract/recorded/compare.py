"""In what two JSON answers differ: their members and the order of these, their types, and what is no mere value.

Ids, names, texts and numbers are values, and differ. What a right, a status or an error says is not: it is compared
as it stands, and so is the way in which a moment is written.
"""

import json
import re
from typing import Any

EXACT = frozenset({
    "Operation", "access", "action", "available", "availableShareRights", "canShare", "count", "docSpace",
    "enabled", "error", "errors", "fileEntryType", "fileExst", "fileStatus", "fileType", "finished",
    "folderType", "hresult", "inRoom", "isActive", "isCustomQuota", "isForm", "isShareable", "isVisitor",
    "lastFailureContent", "locked", "message", "mute", "parentRoomType", "parentShared", "permissions",
    "pinned", "private", "processed", "progress", "quotaLimit", "retryCount", "roomType", "rootFolderType",
    "security", "shareSettings", "shared", "shortWebUrl", "ssl", "status", "statusCode", "tenantStatus",
    "thumbnailStatus", "trigger", "triggerId", "triggers", "type", "utcOffset", "version", "versionGroup",
    "viewAccessibility",
})  # fmt: skip
"""Of these the value counts too."""
NONE_IS_0 = frozenset({"parentId", "rootFolderId", "total"})
"""Of these it counts whether it is 0: a section has no parent."""
BY_USER = "editingBy"
"""Its members are named by ids."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
SEVEN = 8
"""A point and seven digits, as the API writes a moment; elsewhere the zeros at its end are cut."""


def differences(real: Any, ours: Any, path: str = "") -> list[str]:
    """One line for each, `path: what`; `[]` in a path stands for the items of a list."""
    name = path.rpartition(".")[2]
    if _kind(real) != _kind(ours):
        return [f"{path}: {_kind(real)} there, {_kind(ours)} here"]
    if isinstance(real, dict):
        return _members(real, ours, path)
    if isinstance(real, list) and name not in EXACT:
        return _items(real, ours, path)
    if isinstance(real, str) and (real.startswith("{") or MOMENT.fullmatch(real)):
        return _texts(real, ours, path)
    other = (name in EXACT and real != ours) or (name in NONE_IS_0 and bool(real) != bool(ours))
    return [f"{path}: {real!r} there, {ours!r} here"] if other else []


def moment_kind(text: str) -> str:
    """How it is written: `.7 Z` of the API, `.n Z` and the like with the zeros cut, `.0` in whole seconds."""
    found = MOMENT.fullmatch(text)
    if found is None:
        return "not as a moment"
    fraction, zone = found[1] or "", found[2] or "bare"
    cut = zone == "+00:00" or len(fraction) != SEVEN
    return f"cut {zone}" if cut and fraction else f"whole {zone}" if not fraction else f".7 {zone}"


def _members(real: dict[str, Any], ours: dict[str, Any], path: str) -> list[str]:
    name = path.rpartition(".")[2]
    if name in EXACT and name != "errors":
        changed = sorted(key for key in {*real, *ours} if real.get(key) != ours.get(key))
        return [f"{path}.{key}: {real.get(key)!r} there, {ours.get(key)!r} here" for key in changed]
    if name == BY_USER:
        return [] if bool(real) == bool(ours) else [f"{path}: {real} there, {ours} here"]
    found = [f"{path}.{key}: not here" for key in real if key not in ours]
    found += [f"{path}.{key}: not there" for key in ours if key not in real]
    common = [key for key in real if key in ours]
    if common != [key for key in ours if key in real]:
        found.append(f"{path}: another order of members")
    for key in common:
        found += differences(real[key], ours[key], f"{path}.{key}")
    return found


def _items(real: list[Any], ours: list[Any], path: str) -> list[str]:
    """One by one where there are as many, else each of ours with the one of theirs that it is most like."""
    if bool(real) != bool(ours):
        return [f"{path}: {len(real)} items there, {len(ours)} here"]
    if len(real) == len(ours):
        found = [differences(there, here, f"{path}[]") for there, here in zip(real, ours, strict=True)]
    else:
        found = [min((differences(there, item, f"{path}[]") for there in real), key=len) for item in ours]
    return list(dict.fromkeys(line for lines in found for line in lines))


def _texts(real: str, ours: str, path: str) -> list[str]:
    """A moment, or JSON, as the log's headers and bodies are."""
    if MOMENT.fullmatch(real):
        same = moment_kind(real) == moment_kind(ours)
        return [] if same else [f"{path}: written {moment_kind(real)} there, {moment_kind(ours)} here"]
    return differences(json.loads(real), json.loads(ours) if ours.startswith("{") else ours, f"{path}<json>")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {int: "number", float: "number", str: "text", dict: "object", list: "list"}[type(value)]
