"""A second reading of the portal's answers, from plain JSON and by the rules alone: what the first is judged by."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.docspace.model import FileInfo, FolderInfo, KeyInfo, Operation, PortalSettings
from shared.docspace.webhook_log import LogEntry
from shared.docspace.webhooks import Webhook

Json = Any

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)


def get(said: Json, path: str) -> Json:
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return said


def text(said: Json, path: str) -> str | None:
    found = get(said, path)
    return found if isinstance(found, str) else None


def shown(said: Json, path: str) -> str | None:
    return text(said, path) or None


def truth(said: Json, path: str) -> bool | None:
    found = get(said, path)
    return found if isinstance(found, bool) else None


def whole(said: Json, path: str) -> int | None:
    found = get(said, path)
    if isinstance(found, str) and NUMBER.fullmatch(found):
        found = Decimal(found)
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal) or found != int(found):
        return None
    return int(found)


def is_id(found: Json) -> bool:
    return isinstance(found, int | str) and not isinstance(found, bool) and found != ""


def some_id(said: Json, path: str) -> int | str | None:
    found = get(said, path)
    return found if is_id(found) else None


def time(said: Json, path: str) -> datetime | None:
    found = TIME.fullmatch(text(said, path) or "")
    if not found:
        return None
    second, digits, sign, hours, minutes = found.groups()
    at = datetime.fromisoformat(second).replace(microsecond=int(((digits or "") + "000000")[:6]), tzinfo=UTC)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return at + offset if sign == "-" else at - offset


def names(said: Json) -> list[Json]:
    if isinstance(said, str):
        return [said] if said else []
    return list(said.values() if isinstance(said, dict) else said if isinstance(said, list) else [])


def texts(said: Json) -> list[str]:
    return [each for each in said if isinstance(each, str)] if isinstance(said, list) else []


def file(said: Json) -> FileInfo:
    editors = names(get(said, "editingBy"))
    return FileInfo(
        id=said["id"],
        folder_id=said["folderId"],
        title=text(said, "title") or "",
        version=whole(said, "version") or 1,
        web_url=shown(said, "webUrl"),
        created_at=time(said, "created"),
        created_by=text(said, "createdBy.id"),
        created_by_name=shown(said, "createdBy.displayName"),
        created_by_profile=shown(said, "createdBy.profileUrl"),
        modified_at=time(said, "updated"),
        modified_by=shown(said, "updatedBy.id") or text(said, "createdBy.id"),
        locked=truth(said, "locked") is True,
        locked_by=shown(said, "lockedBy"),
        editing=bool(editors) or (whole(said, "fileStatus") or 0) % 2 == 1,
        editing_by=", ".join(one for one in editors if isinstance(one, str) and one) or None,
        can_move=truth(said, "security.Move"),
        size_bytes=whole(said, "pureContentLength"),
        root_folder_type=whole(said, "rootFolderType"),
        room_id=some_id(said, "originRoomId"),
        room_title=shown(said, "originRoomTitle"),
    )


def folder(said: Json) -> FolderInfo:
    return FolderInfo(
        id=said["id"],
        title=text(said, "title") or "",
        parent_id=some_id(said, "parentId"),
        room_type=whole(said, "roomType"),
        root_folder_type=whole(said, "rootFolderType"),
        can_create=truth(said, "security.Create"),
        can_move_to=truth(said, "security.MoveTo"),
        can_manage=truth(said, "security.EditRoom"),
        in_room=truth(said, "inRoom"),
        tags=tuple(tag for tag in texts(get(said, "tags")) if tag),
    )


def operation(said: Json) -> Operation:
    progress, files = get(said, "progress"), get(said, "files")
    processed = text(said, "processed") or whole(said, "processed")
    return Operation(
        id=str(said["id"]),
        finished=truth(said, "finished") is True,
        progress=int(progress) if isinstance(progress, int | float) and not isinstance(progress, bool) else 0,
        error=text(said, "error") or "",
        processed="" if processed is None else str(processed),
        files=tuple(one["id"] for one in (files if isinstance(files, list) else ()) if is_id(get(one, "id"))),
    )


def key(said: Json) -> KeyInfo:
    scopes = get(said, "permissions")
    return KeyInfo(
        name=text(said, "name") or "",
        permissions=tuple(
            scope if isinstance(scope, str) else json.dumps(scope, separators=(",", ":"))
            for scope in (scopes if isinstance(scopes, list) else ())
        ),
        expires_at=shown(said, "expiresAt"),
        active=get(said, "isActive") is not False,
    )


def settings(said: Json) -> PortalSettings:
    return PortalSettings(
        is_docspace=get(said, "docSpace") is True,
        version=shown(said, "version"),
        tenant_status=whole(said, "tenantStatus"),
        culture=shown(said, "culture"),
        utc_offset=shown(said, "utcOffset"),
    )


def webhook(said: Json, bits: dict[str, int]) -> Webhook:
    mask = whole(said, "triggers")
    return Webhook(
        id=int(said["id"]),
        name=text(said, "name") or "",
        url=text(said, "uri") or "",
        enabled=truth(said, "enabled") is True,
        triggers=frozenset({"*"} if mask == 0 else {name for name, bit in bits.items() if (mask or 0) & bit}),
        target=shown(said, "targetId"),
        checks_certificate=truth(said, "ssl") is True,
        unnamed=(mask or 0) & ~sum(bits.values()),
        owner_id=shown(said, "createdBy.id"),
        owner_name=shown(said, "createdBy.displayName"),
        created_at=shown(said, "createdOn"),
        last_success_at=shown(said, "lastSuccessOn"),
        last_failure_at=shown(said, "lastFailureOn"),
        last_failure=shown(said, "lastFailureContent"),
    )


def log_entry(said: Json) -> LogEntry:
    body, delivered = (text(said, "requestPayload") or ""), text(said, "delivery") is not None
    signature = _signature(text(said, "requestHeaders"))
    return LogEntry(
        id=int(said["id"]),
        happened_at=_happened_at(body),
        body=body.encode(),
        signature=signature,
        waiting=not (delivered or signature or text(said, "responsePayload") is not None),
        delivered=delivered,
    )


def _signature(headers: str | None) -> str | None:
    found = json.loads(headers) if headers and headers.startswith("{") else {}
    signature: str | None = found.get("x-docspace-signature-256", [None])[0]
    return signature


def _happened_at(body: str) -> datetime | None:
    event = json.loads(body).get("event", {}) if body.startswith("{") else {}
    return datetime.fromisoformat(event["createOn"]) if "createOn" in event else None
