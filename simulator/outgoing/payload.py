"""The body of a webhook: `{event, payload, webhook}` in DocSpace's order, without null, false and 0."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.outgoing import triggers
from simulator.portal import times
from simulator.portal.model import File, Folder, JsonObject, User
from simulator.portal.tree import Tree


@dataclass(frozen=True)
class Made:
    """Who made a user and when. The times are as the portal writes them there, with seven digits."""

    by: str
    created: str
    modified: str
    works_from: str


def of_file(tree: Tree, file: File) -> JsonObject:
    """The payload for a file. The portal serialises a base class, so it has no version, size or room id.

    `shareRecord` and `access` are set when the event is published.
    """
    room = tree.room(file.folder_id)
    return {
        "id": file.id,
        "parentId": file.folder_id,
        "shareRecord": None,
        "securityByUsers": {},
        "folderIdDisplay": file.folder_id,
        "rootId": tree.root_id(file.folder_id),
        "title": file.title,
        "createBy": file.created_by,
        "modifiedBy": file.modified_by,
        "access": None,
        "parentShared": room is not None and room.has_link,
        "createOn": times.payload(file.created),
        "modifiedOn": times.payload(file.modified),
        "rootFolderType": int(tree.section(file.folder_id).type),
        "rootCreateBy": tree.section(file.folder_id).created_by,
        "fileEntryType": 2,
        "providerKey": tree.folder(file.folder_id).provider or None,
    }


def of_folder(tree: Tree, folder: Folder) -> JsonObject:
    return {
        "id": folder.id,
        "parentId": folder.parent_id,
        "shareRecord": None,
        "securityByUsers": {},
        "folderIdDisplay": folder.parent_id,
        "rootId": tree.root_id(folder.id),
        "title": folder.title,
        "createBy": folder.created_by,
        "modifiedBy": folder.modified_by or folder.created_by,
        "access": None,
        "shared": folder.has_link,
        "sharedExternal": folder.has_link,
        "createOn": times.payload(folder.created),
        "modifiedOn": times.payload(folder.modified or folder.created),
        "rootFolderType": int(tree.section(folder.id).type),
        "rootCreateBy": tree.section(folder.id).created_by,
        "fileEntryType": 1,
    }


def of_person(user: User, made: Made) -> JsonObject:
    """The payload of `user.created` and similar events, which are not about a file."""
    first, _, last = user.display_name.partition(" ")
    return {
        "id": user.id,
        "firstName": first,
        "lastName": last,
        "userName": user.email.partition("@")[0],
        "status": 1,
        "activationStatus": 2,
        "workFromDate": made.works_from,
        "email": user.email,
        "lastModified": made.modified,
        "tenantId": 1,
        "createDate": made.created,
        "createdBy": made.by,
        "checkActivation": True,
    }


@dataclass(frozen=True)
class Event:
    """What happened, without a webhook to send it to."""

    trigger: str
    actor_id: str
    at: datetime
    payload: JsonObject


@dataclass(frozen=True)
class Addressee:
    """What a body shows of a webhook's configuration, as it was when the event was written."""

    id: int
    name: str
    url: str
    triggers: int
    target_id: str = ""


@dataclass(frozen=True)
class Retry:
    """What a body shows in addition from the second attempt on."""

    count: int
    on: datetime
    last_failure_on: datetime | None
    last_failure_content: str
    last_success_on: datetime | None


def body(event_id: int | None, event: Event, to: Addressee, retry: Retry | None = None) -> bytes:
    """The body as it is sent. Until the first attempt, `event_id` is None."""
    target_id: int | str = int(to.target_id) if to.target_id.isdecimal() else to.target_id
    target = {"id": target_id, "type": event.trigger.split(".")[0]} if to.target_id else None
    whole = {
        "event": {
            "id": event_id,
            "createOn": times.whole(event.at),
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
            **(_again(retry) if retry is not None else {}),
        },
    }
    return _escaped(json.dumps(_present(whole), separators=(",", ":"), ensure_ascii=True)).encode()


def _again(retry: Retry) -> JsonObject:
    return {
        "lastFailureOn": times.whole(retry.last_failure_on) if retry.last_failure_on else None,
        "lastFailureContent": retry.last_failure_content or None,
        "lastSuccessOn": times.bare(retry.last_success_on) if retry.last_success_on else None,
        "retryCount": retry.count,
        "retryOn": times.whole(retry.on),
    }


_ESCAPES = re.compile(r"""\\(?:u[0-9a-f]{4}|.)|[&'`<>+\x7f]""")


def _escaped(text: str) -> str:
    """JSON as .NET writes it: with hex in upper case, and more escapes than necessary."""
    return _ESCAPES.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    mark = found[0]
    if mark.startswith("\\u"):
        return "\\u" + mark[2:].upper()
    if mark == '\\"':
        return "\\u0022"
    return mark if mark.startswith("\\") else f"\\u{ord(mark):04X}"


def _present(value: Any) -> Any:
    """Removes members that hold a default. Items of lists stay, and so do empty objects."""
    if isinstance(value, dict):
        return {key: _present(item) for key, item in value.items() if _is_set(item)}
    return value


def _is_set(item: Any) -> bool:
    return not (item is None or item is False or (type(item) is int and item == 0))
