"""The bytes of a file: the address that the API gives, and what that address answers (seen: tests/recorded/
read-presigneduri.json, and what was tried beside it).

The file handler is no part of the API: it does not look at a key's permissions. With a key it does not look at
`stream_auth`; the right to the file decides.
"""

import mimetypes
import re
import secrets
from collections.abc import Mapping
from urllib.parse import quote

import falcon

from simulator.api import keys
from simulator.api.dto import Shapes, parse_id
from simulator.api.envelope import answer_empty, ok
from simulator.errors import ForbiddenError, NotFoundError
from simulator.faults import Faults
from simulator.page.page import FilePage
from simulator.portal import seed
from simulator.portal.model import File, User
from simulator.portal.moods import Moods
from simulator.portal.portal import Portal

RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class AddressResource:
    """files/file/ID/presigneduri: always of the newest version, whichever is asked for."""

    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        with self._portal.lock:
            file = self._portal.file(req.context.user, parse_id(file_id))
        query = f"action=stream&fileid={quote(str(file.id), safe='')}&version={file.version}"
        mark = f"{secrets.randbelow(10**12)}.{secrets.token_hex(16).upper()}"
        ok(req, resp, f"{self._shapes.public_url}/filehandler.ashx?{query}&stream_auth={mark}")


class HandlerResource:
    """/filehandler.ashx: the bytes for `action=stream`, the file's small page for all else."""

    def __init__(self, portal: Portal, users: Mapping[str, User], moods: Moods, faults: Faults) -> None:
        self._portal = portal
        self._users = users
        self._moods = moods
        self._faults = faults
        self._page = FilePage(portal)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        if req.get_param("action") != "stream":
            self._page.on_get(req, resp)
            return
        if self._faults.portal_down:
            answer_empty(resp, 503)
            return
        off = seed.SERVICE if self._moods.now.key_off else None
        caller = keys.caller(keys.token(req.auth), self._users, off)
        if isinstance(caller, keys.Nobody):
            resp.status, resp.text = falcon.HTTP_403, "Forbidden"
            return
        try:
            with self._portal.lock:
                file = self._portal.file(caller, parse_id(req.get_param("fileid") or ""))
        except (ForbiddenError, NotFoundError) as error:
            answer_empty(resp, error.status)
            return
        _stream(req, resp, file)

    def on_head(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.on_get(req, resp)


def _stream(req: falcon.Request, resp: falcon.Response, file: File) -> None:
    resp.content_type = mimetypes.guess_type(file.title)[0] or "application/octet-stream"
    resp.set_header("Accept-Ranges", "bytes")
    name = quote(file.title, safe="")
    resp.set_header("Content-Disposition", f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
    wanted = req.get_header("Range")
    if wanted is None:
        resp.data = file.data
        return
    found = RANGE.fullmatch(wanted)
    if found is None or int(found[1]) >= len(file.data):  # the portal fails on these
        answer_empty(resp, 500)
        return
    first, last = int(found[1]), min(int(found[2] or len(file.data)), len(file.data) - 1)
    resp.status, resp.data = falcon.HTTP_206, file.data[first : last + 1]
    resp.set_header("Content-Range", f"bytes {first}-{last}/{len(file.data)}")
