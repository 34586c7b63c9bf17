"""The bytes of a file, as the portal gives them to our key."""

from urllib.parse import parse_qs, urlsplit

from shared.docspace import wire
from shared.docspace.client import Client
from shared.docspace.ids import segment
from shared.wire.events import EntryId

HANDLER = "filehandler.ashx"


def content(client: Client, file_id: EntryId, most_bytes: int) -> bytes:
    """The newest version of the file. It fires no webhook, leaves no trace at the file, and may be repeated.

    TooLargeError, ForbiddenError and NotFoundError are about the file. The key goes to the portal's own host
    alone: of the address that the portal gives, only the path and the query are asked for. With the key the portal
    looks at the right to the file and not at `stream_auth` (tests/recorded/read-presigneduri.json, tried beside).
    """
    route = f"files/file/{segment(file_id)}/presigneduri"
    address = urlsplit(client.call("GET", route, str))
    if address.path.lstrip("/") != HANDLER or parse_qs(address.query).get("action") != ["stream"]:
        raise wire.undocumented(f"GET {route}", "it is no address of the portal's file handler")
    return client.download(f"{HANDLER}?{address.query}", most_bytes)
