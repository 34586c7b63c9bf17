"""Webhooks as DocSpace's sender would make and sign them."""

import hashlib
import hmac

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


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().upper()


def signed_headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-docspace-signature-256": signature(body, secret), "Content-Type": "application/json; charset=utf-8"}
