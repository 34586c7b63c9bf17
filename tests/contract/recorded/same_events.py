"""The recorded deliveries' events, told to the simulator with their own ids, people and moments."""

import json
from dataclasses import dataclass
from datetime import datetime

from simulator.outgoing import payload
from simulator.outgoing.payload import Addressee, Event, Made, Retry
from simulator.outgoing.triggers import BITS
from simulator.portal.model import File, Folder, FolderType, JsonObject, User
from simulator.portal.tree import Tree
from tests.contract.recorded.corpus import Delivery


@dataclass(frozen=True)
class Told:
    """What was recorded of one event: facts alone, not the order or the spelling of anything."""

    event: JsonObject
    entry: JsonObject
    webhook: JsonObject


def told(delivery: Delivery) -> Told:
    body = json.loads(delivery.body)
    return Told(body["event"], body["payload"], body["webhook"])


def body_of(facts: Told) -> bytes:
    """What the simulator writes about them."""
    event, webhook = facts.event, facts.webhook
    happened = Event(event["trigger"], event["createBy"], moment(event["createOn"]), _payload(facts))
    mask = sum(BITS[name] for name in webhook["triggers"] if name != "*")
    to = Addressee(webhook["id"], webhook["name"], webhook["url"], mask)
    return payload.body(event["id"], happened, to, _retry(webhook))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _retry(webhook: JsonObject) -> Retry | None:
    if "retryCount" not in webhook:
        return None
    success = moment(webhook["lastSuccessOn"]) if "lastSuccessOn" in webhook else None
    return Retry(
        webhook["retryCount"], moment(webhook["retryOn"]), moment(webhook["lastFailureOn"]),
        webhook["lastFailureContent"], success,
    )  # fmt: skip


def _payload(facts: Told) -> JsonObject:
    entry, kind = facts.entry, facts.event["trigger"].partition(".")[0]
    if kind == "user":
        made = Made(entry["createdBy"], entry["createDate"], entry["lastModified"], entry["workFromDate"])
        person = User(entry["id"], f"{entry['firstName']} {entry['lastName']}", entry["email"])
        return payload.of_person(person, made)
    remembered = {"shareRecord": _share(entry.get("shareRecord")), "access": entry.get("access")}
    told = payload.of_file(*_file(entry)) if kind == "file" else payload.of_folder(*_folder(entry, kind))
    return told | remembered


def _share(share: JsonObject | None) -> JsonObject | None:
    """`level` is there always, and is 0 for what lies in the room itself."""
    return None if share is None else {**share, "level": share.get("level", 0)}


def _tree(entry: JsonObject) -> Tree:
    """The section, and in it a room that holds the entry."""
    created = moment(entry["createOn"])
    tree = Tree(created)
    owner = entry["rootCreateBy"]
    section = Folder(entry["rootId"], "Rooms", None, owner, created, type=FolderType(entry["rootFolderType"]))
    by_link = entry.get("parentShared", False)
    room = Folder(entry["parentId"], "Room", section.id, owner, created, room_type=5, has_link=by_link)
    tree.folders = {room.id: room, section.id: section}  # a room's parent is the section
    return tree


def _file(entry: JsonObject) -> tuple[Tree, File]:
    changed = moment(entry["modifiedOn"])
    file = File(
        entry["id"], entry["title"], entry["parentId"], 1, entry["createBy"], moment(entry["createOn"]),
        entry["modifiedBy"], changed,
    )  # fmt: skip
    return _tree(entry), file


def _folder(entry: JsonObject, kind: str) -> tuple[Tree, Folder]:
    tree = _tree(entry)
    folder = Folder(
        entry["id"], entry["title"], entry["parentId"], entry["createBy"], moment(entry["createOn"]),
        room_type=5 if kind == "room" else None, modified=moment(entry["modifiedOn"]),
        modified_by=entry["modifiedBy"], has_link=entry.get("shared", False),
    )  # fmt: skip
    tree.folders[folder.id] = folder
    return tree, folder
