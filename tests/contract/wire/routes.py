"""Every route that the product reads: how the sdk models it, how the client asks, how plain JSON is read."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pydantic

from shared.docspace import wire
from shared.docspace.client import Client
from shared.docspace.places import Places
from shared.docspace.reply import Reply
from shared.docspace.state import State
from shared.docspace.webhook_log import retry, webhook_log
from shared.docspace.webhooks import Webhook, Webhooks
from tests.contract.wire import plain
from tests.contract.wire.sdk_models import sdk

Json = Any

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
BITS = {"*": 0, "file.created": 128, "file.uploaded": 256, "file.downloaded": 2**34}
TRIGGERS = [{"name": name, "id": bit, "available": True} for name, bit in BITS.items()]
HOOK = Webhook(id=3, name="a", url="https://a", enabled=True, triggers=frozenset({"*"}))


class Answered(Client):
    """A client that `route` is answered with `envelope`; a page after the first is empty. It has no network."""

    def __init__(self, route: str, envelope: Json) -> None:
        self._turn = lambda _: nullcontext()
        self._heard = lambda _: None
        self.route = route
        self.envelope = envelope

    def state(self) -> State:
        """A portal that works, so that what is said of an answer is said of it alone."""
        return State()

    def first_id(self) -> str:
        said = self.envelope.get("response")
        return str(said[0]["id"]) if isinstance(said, list) else "7"

    def _reply(self, method: str, path: str, **request: Any) -> Any:
        said = self.envelope
        if (request.get("params") or {}).get("startIndex", 0) > 0:
            said = {"response": []}
        if f"{method} {path}" != self.route:
            assert path == "settings/webhook/triggers"
            said = {"response": TRIGGERS}
        return Reply(200, {}, json.dumps(said, separators=(",", ":")).encode())


def _alone(entries: list[Json]) -> Json:
    return entries[0]


def _list(entries: list[Json]) -> Json:
    return entries


@dataclass(frozen=True)
class Route:
    name: str
    kind: str
    """Its entries', in `shared.docspace.model`."""
    model: type[pydantic.BaseModel]
    item: type[pydantic.BaseModel]
    """What the sdk reads an entry as."""
    ask: Callable[[Any], Any]
    read: Callable[[Json], Any]
    place: Callable[[list[Json]], Json] = _alone
    """From entries to an answer that holds them."""


def _page(said: Json) -> tuple[Any, ...]:
    files = tuple(map(plain.file, said.get("files") or ()))
    return (files, len(files) + len(said.get("folders") or ()), plain.whole(said, "total"))


def _rooms(said: Json) -> tuple[Any, ...]:
    folders = tuple(map(plain.folder, said.get("folders") or ()))
    entries = len(folders) + len(said.get("files") or ())
    total = plain.whole(said, "total")
    return (folders, entries if total is None else total)


def _told(page: Any, first: str) -> tuple[Any, ...]:
    return tuple(getattr(page, name) for name in (first, "entries", "total") if hasattr(page, name))


def _log(said: Json) -> list[Any]:
    return list(map(plain.log_entry, said))


def _hook(said: Json) -> Webhook:
    return plain.webhook(said, BITS)


ROUTES = [
    Route(
        "GET files/file/1", "file", sdk.FileIntegerWrapper, sdk.FileDtoInteger,
        lambda client: client.file(1), plain.file,
    ),
    Route(
        "GET files/folder/1", "folder", sdk.FolderIntegerWrapper, sdk.FolderDtoInteger,
        lambda client: client.folder(1), plain.folder,
    ),
    Route(
        "GET files/folder/1/path", "folder", sdk.FileEntryBaseArrayWrapper, sdk.FolderDtoInteger,
        lambda client: client.folder_path(1), lambda said: tuple(map(plain.folder, said)), _list,
    ),
    Route(
        "GET files/1", "file", sdk.FolderContentIntegerWrapper, sdk.FileDtoInteger,
        lambda client: _told(client.folder_page(1, 0), "files"), _page,
        lambda files: {"files": files, "folders": [], "total": len(files)},
    ),
    Route(
        "GET files/rooms", "folder", sdk.FolderContentIntegerWrapper, sdk.FolderDtoInteger,
        lambda client: _told(Places(client).rooms(), "folders"), _rooms, lambda folders: {"folders": folders},
    ),
    Route(
        "POST files/folder/1", "folder", sdk.FolderIntegerWrapper, sdk.FolderDtoInteger,
        lambda client: Places(client).create_folder(1, "x"), plain.folder,
    ),
    Route(
        "PUT files/fileops/move", "operation", sdk.FileOperationArrayWrapper, sdk.FileOperationDto,
        lambda client: client.move([1], 2), lambda said: plain.operation(said[0]), _list,
    ),
    Route(
        "GET files/fileops", "operation", sdk.FileOperationArrayWrapper, sdk.FileOperationDto,
        lambda client: client.operation(client.first_id()),
        lambda said: plain.operation(said[0]), _list,
    ),
    Route(
        "GET people/@self", "self", sdk.EmployeeFullWrapper, sdk.EmployeeFullDto,
        lambda client: client.self_id(), lambda said: str(said["id"]),
    ),
    Route(
        "GET keys/@self", "key", sdk.ApiKeyResponseWrapper, sdk.ApiKeyResponseDto,
        lambda client: client.key(), plain.key,
    ),
    Route(
        "GET settings", "settings", sdk.SettingsWrapper, sdk.SettingsDto,
        lambda client: client.call("GET", "settings", wire.SettingsWire).info(), plain.settings,
    ),
    Route(
        "GET settings/webhook", "webhook", sdk.WebhooksConfigWithStatusArrayWrapper, sdk.WebhooksConfigDto,
        lambda client: Webhooks(client).list(), lambda said: tuple(_hook(one["configs"]) for one in said),
        lambda hooks: [{"configs": hook, "status": 200} for hook in hooks],
    ),
    Route(
        "POST settings/webhook", "webhook", sdk.WebhooksConfigWrapper, sdk.WebhooksConfigDto,
        lambda client: Webhooks(client).create(name="a", url="https://a", secret="x", triggers=["*"]), _hook,
    ),
    Route(
        "PUT settings/webhook", "webhook", sdk.WebhooksConfigWrapper, sdk.WebhooksConfigDto,
        lambda client: Webhooks(client).update(HOOK), _hook,
    ),
    Route(
        "PUT settings/webhook/enable", "webhook", sdk.WebhooksConfigWrapper, sdk.WebhooksConfigDto,
        lambda client: Webhooks(client).enable(HOOK), _hook,
    ),
    Route(
        "GET settings/webhook/triggers", "trigger", sdk.WebhookTriggerArrayWrapper, sdk.WebhookTriggerDto,
        lambda client: Webhooks(client)._trigger_masks(),
        lambda said: {one["name"]: int(one["id"]) for one in said}, _list,
    ),
    Route(
        "GET settings/webhooks/log", "log row", sdk.WebhooksLogArrayWrapper, sdk.WebhooksLogDto,
        lambda client: list(webhook_log(client, LONG_AGO)), _log, _list,
    ),
    Route(
        "PUT settings/webhook/1/retry", "retry", sdk.WebhooksLogWrapper, sdk.WebhooksLogDto,
        lambda client: retry(client, 1), lambda said: int(said["id"]),
    ),
    Route(
        "GET files/1", "page", sdk.FolderContentIntegerWrapper, sdk.FolderContentDtoInteger,
        lambda client: _told(client.folder_page(1, 0), "files"), _page,
    ),
]  # fmt: skip
