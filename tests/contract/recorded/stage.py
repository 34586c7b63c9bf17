"""A portal on which a recorded situation is built, and the exchange then made again."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
import requests

from simulator.portal import seed
from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.recorded.corpus import EXCHANGES
from tests.contract.simulator_quirks.receiver import Receiver
from tests.support.waiting import wait_until

T = TypeVar("T")
OWNER, SERVICE, CLIENT = seed.OWNER_KEY, "sk-simulator", seed.CLIENT_KEY
Json = dict[str, Any]


@dataclass
class Stage:
    simulator: Simulator
    receiver: Receiver
    http: requests.Session
    patch: pytest.MonkeyPatch

    def again(
        self, name: str, ids: dict[Any, Any] | None = None, key: str | None = SERVICE, **more: Any
    ) -> requests.Response:
        """What was asked there, with the ids of here; `body` changes members of a JSON body."""
        exchange, ids, path = EXCHANGES[name], ids or {}, EXCHANGES[name].path.removeprefix("/api/2.0/")
        for there, here in ids.items():
            path = re.sub(rf"(?<![\w-]){re.escape(str(there))}(?![\w-])", quote(str(here), safe=""), path)
        if isinstance(exchange.request, dict):
            more["json"] = _mapped(exchange.request, ids) | more.pop("body", {})
        return self.ask(exchange.method, path, key, **more)

    def ask(self, method: str, path: str, key: str | None = SERVICE, **request: Any) -> requests.Response:
        """`path` from `/api/2.0/` on. No key: as nobody."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{self.simulator.url}/api/2.0/{path}"
        return self.http.request(method, url, headers=headers | request.pop("headers", {}), timeout=20, **request)

    @contextlib.contextmanager
    def limited(self, **settings: Any) -> Iterator["Stage"]:
        """Another portal, whose rate limits are on."""
        simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", limits=1, **settings))
        simulator.start()
        try:
            yield Stage(simulator, self.receiver, self.http, self.patch)
        finally:
            simulator.stop()

    def alone(self) -> "Stage":
        """With connections of its own, for a thread."""
        return Stage(self.simulator, self.receiver, requests.Session(), self.patch)

    def get(self, path: str, key: str | None = SERVICE) -> requests.Response:
        return self.ask("GET", path, key)

    def answered(self, method: str, path: str, key: str = SERVICE, **request: Any) -> Any:
        """What is built must work."""
        answer = self.ask(method, path, key, **request)
        assert answer.ok, answer.text
        return answer.json()["response"]

    def control(self, method: str, path: str, **body: Any) -> Json:
        answer = self.http.request(method, f"{self.simulator.url}/simulator/{path}", json=body, timeout=20)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def upload(
        self, folder: Any = seed.CLIENT_ROOM, name: str = "Invoice.pdf", by: str = CLIENT, size: int = 10
    ) -> Any:
        files = {"file": (name, b"x" * size)}
        return self.answered("POST", f"files/{folder}/upload", by, files=files)[0]["id"]

    def guest_upload(self, name: str) -> Any:
        url = f"{self.simulator.url}/simulator/upload"
        query = {"name": name, "as": "guest", "kind": "simple"}
        return self.http.post(url, params=query, data=b"x", timeout=20).json()["id"]

    def room(self, by: str = OWNER, kind: int = 5, title: str = "Room") -> Any:
        return self.answered("POST", "files/rooms", by, json={"title": title, "roomType": kind})["id"]

    def folder(self, parent: Any, by: str = OWNER, title: str = "Incoming") -> Any:
        return self.answered("POST", f"files/folder/{parent}", by, json={"title": title})["id"]

    def move(
        self, *files: Any, to: Any = seed.INCOMING, key: str = SERVICE, conflict: int = 2
    ) -> requests.Response:
        """With the body that the product sends."""
        body = {
            "folderIds": [], "fileIds": list(files), "destFolderId": to, "conflictResolveType": conflict,
            "deleteAfter": False, "content": False, "toFillOut": False, "returnSingleOperation": True,
        }  # fmt: skip
        return self.ask("PUT", "files/fileops/move", key, json=body)

    def end_of(self, answer: requests.Response, key: str = SERVICE, *, filtered: bool = True) -> requests.Response:
        """The answer that tells that the operation has ended, asked for it alone or for all of them."""
        assert answer.ok, answer.text
        started = answer.json()["response"]
        operation = (started[0] if isinstance(started, list) else started)["id"]

        def ended() -> requests.Response | None:
            found = self.get(f"files/fileops?id={operation}" if filtered else "files/fileops", key)
            told = found.json()["response"]
            return found if told and told[0]["finished"] else None

        return until(ended, "the operation to end")

    def trash(self, file_id: Any, by: str) -> None:
        self.end_of(self.ask("DELETE", f"files/file/{file_id}", by, json={"deleteAfter": False}), by)

    def own_room(self) -> Any:
        """Of the service user, to whom no share is looked up there; another webhook's owner may not open it."""
        self.hook("stranger", mask=384, owner=seed.REMOVED)
        return self.room(SERVICE)

    def hook(self, name: str = "hook", mask: int = 384, owner: Any = seed.SERVICE, **more: Any) -> int:
        return self.simulator.webhooks.add(
            owner.id, name, f"{self.receiver.url}/{name}", "Secret-123", mask, **more
        ).id

    def hook_body(self, **changed: Any) -> Json:
        body = {
            "name": "hook-a", "uri": f"{self.receiver.url}/a", "secretKey": "Secret-123", "enabled": True,
            "ssl": False, "triggers": 384, "targetId": "",
        }  # fmt: skip
        return body | changed

    def bodies(self, name: str = "hook") -> list[Json]:
        return [body for body in self.receiver.bodies() if body["webhook"]["name"] == name]

    def sent(self, trigger: str, attempts: int = 1) -> tuple[dict[str, str], bytes]:
        """The last of so many deliveries of it."""

        def found() -> tuple[dict[str, str], bytes] | None:
            posts = [post for post in self.receiver.posts if json.loads(post[1])["event"]["trigger"] == trigger]
            return posts[attempts - 1] if len(posts) >= attempts else None

        return until(found, f"a delivery of {trigger}")


def _mapped(value: Any, ids: dict[Any, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(item, ids) for name, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, ids) for item in value]
    return value if isinstance(value, bool) else ids.get(value, value)


def until(read: Callable[[], T | None], what: str) -> T:
    return wait_until(read, 10, what, every_s=0.01)
