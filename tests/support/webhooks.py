"""Webhooks: as DocSpace's sender makes and signs them, and how a portal is told to send them."""

from typing import Any

import requests

from simulator.outgoing.signature import HEADER, sign

EXAMPLE = (
    '{"event":{"id":18231,"createOn":"2026-07-02T09:14:31Z","createBy":"66faa6e4-f133-11ea-b126-00ffeec8b4ef",'
    '"trigger":"file.uploaded","triggerId":256},'
    '"payload":{"id":748301,"parentId":86193,"securityByUsers":{},"folderIdDisplay":86193,"rootId":52817,'
    '"title":"Invoice 2026-0714.pdf","createBy":"66faa6e4-f133-11ea-b126-00ffeec8b4ef",'
    '"modifiedBy":"66faa6e4-f133-11ea-b126-00ffeec8b4ef","createOn":"2026-07-02T09:14:30Z",'
    '"modifiedOn":"2026-07-02T09:14:30Z","rootFolderType":14,'
    '"rootCreateBy":"3a1c6b0e-0d7c-4a7e-9a4f-6f0b7f1b2c3d","fileEntryType":2},'
    '"webhook":{"id":7,"name":"invoice-intake","url":"https://hooks.example.com/docspace/webhook",'
    '"triggers":["file.created","file.uploaded"]}}'
)
"""`file.uploaded` as documented: `rootId` is the Rooms section, `parentId` a subfolder of the client's room."""
SECRET = "Simulator-Secret-1"


def signed_headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {HEADER: sign(secret, body), "Content-Type": "application/json; charset=utf-8"}


def add_webhook(portal_url: str, name: str, uri: str, triggers: int) -> int:
    """Its id. A POST stores that a certificate is wanted, whatever it says: for http there must be a PUT."""
    webhook = {"name": name, "uri": uri, "secretKey": SECRET, "enabled": True, "ssl": False, "triggers": triggers}
    made = _asked("POST", portal_url, json=webhook)
    _asked("PUT", portal_url, json=webhook | {"id": made["id"]})
    return int(made["id"])


def change_webhook(portal_url: str, webhook: dict[str, object]) -> None:
    """Whole, with its id and its secret; requests.RequestException where the portal refuses it."""
    _asked("PUT", portal_url, json=webhook)


def webhooks_of(portal_url: str) -> list[dict[str, object]]:
    """Ours, each as `change_webhook` takes it, without its secret, which cannot be read."""
    answer = requests.get(
        f"{portal_url}/api/2.0/settings/webhook", headers={"Authorization": "Bearer sk-simulator"}, timeout=30
    )
    answer.raise_for_status()
    kept = ("id", "name", "uri", "enabled", "ssl", "triggers", "targetId")
    return [{name: row["configs"][name] for name in kept} for row in answer.json()["response"]]


def remove_webhook(portal_url: str, webhook_id: int) -> None:
    _asked("DELETE", portal_url, f"/{webhook_id}")


def _asked(method: str, portal_url: str, path: str = "", json: dict[str, object] | None = None) -> dict[str, Any]:
    url, key = f"{portal_url}/api/2.0/settings/webhook{path}", {"Authorization": "Bearer sk-simulator"}
    answer = requests.request(method, url, headers=key, timeout=30, json=json)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()["response"]
    return told
