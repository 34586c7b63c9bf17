"""The webhook that should have come for a file, made from what the portal says of it now. Pure."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from console.reconcile.upload import uploaded_at
from shared.docspace.ids import whole_second
from shared.docspace.model import FileInfo, entry_time
from shared.runtime.settle import EXCHANGE
from shared.wire.events import PortalId
from shared.wire.message import Message, Publication, derived_id, traceparent_for

UPLOADS = ("file.uploaded", "file.created")
"""The triggers of an upload; the first is fired by each."""


@dataclass(frozen=True, slots=True)
class Uploader:
    id: str
    name: str | None = None


UNKNOWN = Uploader("unknown")
"""Nobody can tell any more. It is no user's id, so that no rule takes it for the service user."""


def body(file: FileInfo, trigger: str, uploader: Uploader) -> bytes:
    """In DocSpace's own shape, and marked: `webhook.name` is `reconcile`. The actor is who uploaded the version."""
    uploaded, created = _text(uploaded_at(file)), _text(file.created_at)
    return msgspec.json.encode(
        {
            "event": {"createOn": uploaded, "createBy": uploader.id, "trigger": trigger},
            "payload": {
                "id": file.id,
                "parentId": file.folder_id,
                "title": file.title,
                "createBy": uploader.id,
                "createdBy": {"id": uploader.id, "displayName": uploader.name},
                "createOn": created,
                "modifiedBy": uploader.id,
                "modifiedOn": uploaded,
                "fileEntryType": 2,
                "version": file.version,
            },
            "webhook": {"name": "reconcile"},
        }
    )


def publication(file: FileInfo, body: bytes, trigger: str, portal: PortalId, now: int) -> Publication:
    """Through the door that the ingress uses. The ids are of the upload: every sweep gives it the same.

    The correlation id is the one that the ingress would have given, so that both are one upload in the logs.
    """
    correlation_id = derived_id("upload", file.id, whole_second(_text(uploaded_at(file))))
    message = Message(
        body=body,
        type=f"webhook.{trigger}",
        message_id=derived_id("reconcile", portal, file.id, file.version, _text(file.created_at)),
        correlation_id=correlation_id,
        timestamp=now,
        app_id="reconcile",
        traceparent=traceparent_for(correlation_id),
        swept=str(now),
    )
    return Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True)


def _text(moment: datetime | None) -> str | None:
    return entry_time(moment) if moment else None
