"""The body of a webhook: `{event, payload, webhook}` in DocSpace's order, without what is null, false or 0."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simulator import seed, triggers
from simulator.model import File, Folder, JsonObject
from simulator.tree import Tree


def utc(moment: datetime | None) -> str | None:
    """Whole seconds and a Z, as webhooks write dates."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def of_file(tree: Tree, file: File) -> JsonObject:
    """No version, no size, no room id: the portal serialises the base class of its entries."""
    return {
        "id": file.id,
        "parentId": file.folder_id,
        "securityByUsers": {},
        "folderIdDisplay": file.folder_id,
        "rootId": tree.root_id(file.folder_id),
        "title": file.title,
        "createBy": file.created_by,
        "modifiedBy": file.modified_by,
        "createOn": utc(file.created),
        "modifiedOn": utc(file.modified),
        "rootFolderType": int(tree.section(file.folder_id).type),
        "rootCreateBy": seed.OWNER.id,
        "fileEntryType": 2,
        "providerKey": tree.folder(file.folder_id).provider or None,
    }


def of_folder(tree: Tree, folder: Folder) -> JsonObject:
    return {
        "id": folder.id,
        "parentId": folder.parent_id,
        "securityByUsers": {},
        "folderIdDisplay": folder.parent_id,
        "rootId": tree.root_id(folder.id),
        "title": folder.title,
        "createBy": folder.created_by,
        "modifiedBy": folder.created_by,
        "createOn": utc(folder.created),
        "modifiedOn": utc(folder.created),
        "rootFolderType": int(tree.section(folder.id).type),
        "rootCreateBy": seed.OWNER.id,
        "fileEntryType": 1,
    }


@dataclass(frozen=True)
class Event:
    """What happened, before it is addressed to any webhook."""

    trigger: str
    actor_id: str
    at: datetime
    payload: JsonObject


@dataclass(frozen=True)
class Addressee:
    """The part of a webhook's configuration and history that its bodies show."""

    id: int
    name: str
    url: str
    triggers: int
    target_id: str = ""
    retry_count: int = 0
    retry_on: datetime | None = None
    last_failure_on: datetime | None = None
    last_failure_content: str = ""
    last_success_on: datetime | None = None


def body(event_id: int, event: Event, to: Addressee) -> bytes:
    target = {"id": to.target_id, "type": event.trigger.split(".")[0]} if to.target_id else None
    retried = to.retry_count > 0
    whole = {
        "event": {
            "id": event_id,
            "createOn": utc(event.at),
            "createBy": event.actor_id,
            "trigger": event.trigger,
            "triggerId": triggers.BITS[event.trigger],
        },
        "payload": event.payload,
        "webhook": {
            "id": to.id,
            "name": to.name,
            "url": to.url,
            "triggers": triggers.names(to.triggers),
            "target": target,
            "lastFailureOn": utc(to.last_failure_on) if retried else None,
            "lastFailureContent": to.last_failure_content if retried else None,
            "lastSuccessOn": utc(to.last_success_on) if retried else None,
            "retryCount": to.retry_count,
            "retryOn": utc(to.retry_on) if retried else None,
        },
    }
    return json.dumps(_present(whole), separators=(",", ":"), ensure_ascii=True).encode()


def _present(value: Any) -> Any:
    """Without the members that hold a default; list items stay, and so does an empty object."""
    if isinstance(value, dict):
        return {key: _present(item) for key, item in value.items() if _is_set(item)}
    return value


def _is_set(item: Any) -> bool:
    return not (item is None or item is False or (type(item) is int and item == 0))
