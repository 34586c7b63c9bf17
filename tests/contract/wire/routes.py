"""Every route that the product reads: how the sdk models its answer, how the client asks, how plain JSON reads it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pydantic

from shared.docspace import wire
from shared.docspace.client import Client
from shared.docspace.places import Places
from shared.docspace.webhook_log import webhook_log
from shared.docspace.webhooks import Webhook, Webhooks
from tests.contract.wire import plain
from tests.contract.wire.sdk_models import sdk

Json = Any

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
BITS = {"*": 0, "file.created": 128, "file.uploaded": 256, "file.downloaded": 2**34}
TRIGGERS = [{"name": name, "id": bit, "available": True} for name, bit in BITS.items()]
HOOK = Webhook(id=3, name="a", url="https://a", enabled=True, triggers=frozenset({"*"}))


class Answered(Client):
    """A client that `route` is answered with `envelope`; a page after the first is empty."""

    def __init__(self, route: str, envelope: Json) -> None:
        super().__init__("http://portal.example", "sk-key", pool_size=1)
        self.route = route
        self.envelope = envelope

    def _reply(self, method: str, path: str, **request: Any) -> Any:
        said = self.envelope
        if (request.get("params") or {}).get("startIndex", 0) > 0:
            said = {"response": []}
        if f"{method} {path}" != self.route:
            assert path == "settings/webhook/triggers"
            said = {"response": TRIGGERS}
        return SimpleNamespace(content=json.dumps(said).encode())


@dataclass(frozen=True)
class Route:
    """`kind` is its entries' in `shared.docspace.model`; `entries` says where they lie in the answer."""

    name: str
    kind: str
    model: type[pydantic.BaseModel]
    ask: Callable[[Client], Any]
    read: Callable[[Json], Any]
    entries: Callable[[Json], list[Json]] | None = None
    """None: the answer is the one entry."""


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


def _whole(said: Json) -> list[Json]:
    return said


def _hook(said: Json) -> Webhook:
    return plain.webhook(said, BITS)


ROUTES = [
    Route(
        "GET files/file/1", "file", sdk.FileIntegerWrapper,
        lambda client: client.file(1), plain.file,
    ),
    Route(
        "GET files/folder/1", "folder", sdk.FolderIntegerWrapper,
        lambda client: client.folder(1), plain.folder,
    ),
    Route(
        "GET files/folder/1/path", "folder", sdk.FileEntryBaseArrayWrapper,
        lambda client: client.folder_path(1), lambda said: tuple(map(plain.folder, said)), _whole,
    ),
    Route(
        "GET files/1", "file", sdk.FolderContentIntegerWrapper,
        lambda client: _told(client.folder_page(1, 0), "files"), _page, lambda said: said["files"],
    ),
    Route(
        "GET files/rooms", "folder", sdk.FolderContentIntegerWrapper,
        lambda client: _told(Places(client).rooms(), "folders"), _rooms, lambda said: said["folders"],
    ),
    Route(
        "POST files/folder/1", "folder", sdk.FolderIntegerWrapper,
        lambda client: Places(client).create_folder(1, "x"), plain.folder,
    ),
    Route(
        "PUT files/fileops/move", "operation", sdk.FileOperationArrayWrapper,
        lambda client: client.move([1], 2), lambda said: plain.operation(said[0]), _whole,
    ),
    Route(
        "GET files/fileops", "operation", sdk.FileOperationArrayWrapper,
        lambda client: client.operation(str(client.envelope["response"][0]["id"])),
        lambda said: plain.operation(said[0]), _whole,
    ),
    Route(
        "GET people/@self", "self", sdk.EmployeeFullWrapper,
        lambda client: client.self_id(), lambda said: str(said["id"]),
    ),
    Route(
        "GET keys/@self", "key", sdk.ApiKeyResponseWrapper,
        lambda client: client.key(), plain.key,
    ),
    Route(
        "GET settings", "settings", sdk.SettingsWrapper,
        lambda client: client.call("GET", "settings", wire.SettingsWire).info(), plain.settings,
    ),
    Route(
        "GET settings/webhook", "webhook", sdk.WebhooksConfigWithStatusArrayWrapper,
        lambda client: Webhooks(client).list(), lambda said: tuple(_hook(one["configs"]) for one in said), _whole,
    ),
    Route(
        "POST settings/webhook", "webhook", sdk.WebhooksConfigWrapper,
        lambda client: Webhooks(client).create(name="a", url="https://a", secret="x", triggers=["*"]), _hook,
    ),
    Route(
        "PUT settings/webhook", "webhook", sdk.WebhooksConfigWrapper,
        lambda client: Webhooks(client).update(HOOK), _hook,
    ),
    Route(
        "PUT settings/webhook/enable", "webhook", sdk.WebhooksConfigWrapper,
        lambda client: Webhooks(client).enable(HOOK), _hook,
    ),
    Route(
        "GET settings/webhook/triggers", "trigger", sdk.WebhookTriggerArrayWrapper,
        lambda client: Webhooks(client)._trigger_masks(), lambda said: {one["name"]: int(one["id"]) for one in said},
        _whole,
    ),
    Route(
        "GET settings/webhooks/log", "log row", sdk.WebhooksLogArrayWrapper,
        lambda client: list(webhook_log(client, LONG_AGO)), _log, _whole,
    ),
]  # fmt: skip
EACH = {route.name: route for route in ROUTES}
