"""The web console as an ASGI application: requests, answers, and the stream of changes. Nothing blocks here."""

import gzip
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import falcon
import falcon.asgi

from console.web.answering import Answering, Asked, Given
from console.web.blocking import Pool
from console.web.door import Door
from console.web.headers import HEADERS
from console.web.live import Live
from console.web.rendering import Renderer
from console.web.site import Context, RefusedError, Site
from console.web.static_files import FOR_EVER, FOR_NOW, StaticFiles
from console.web.translations import catalogues

App = falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]
Register = Callable[[Site], None]

MOST_BODY_BYTES = 1024**2
FORM = "application/x-www-form-urlencoded"
COMPRESSED_FROM_BYTES = 1_000
NOT_FOUND, NOT_ALLOWED = 404, 405


def create_app(context: Context, door: Door, pages: Sequence[Register], live: Live, pool: Pool) -> App:
    """`pages` register their views."""
    site = Site(context)
    for register in pages:
        register(site)
    static, languages = StaticFiles(), catalogues()
    answering = Answering(site, door, Renderer(site, static, languages), languages)
    server = _Server(answering, pool, live, static)
    app: App = falcon.asgi.App()
    by_path: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for method, path in site.views:
        by_path[path][f"on_{method.lower()}"] = partial(server.respond, path)
        if method == "GET":
            by_path[path]["on_head"] = partial(server.respond, path)
    for path, responders in by_path.items():
        app.add_route(path, SimpleNamespace(**{name: _responder(each) for name, each in responders.items()}))
    app.add_route("/live", SimpleNamespace(on_get=server.changes))
    app.add_route("/healthz", SimpleNamespace(on_get=_healthy))
    app.add_route("/static/{name:path}", SimpleNamespace(on_get=server.file))
    app.add_error_handler(falcon.HTTPError, server.refused)
    app.add_middleware(_Headers())
    return app


class _Headers:
    async def process_response(
        self, _req: falcon.asgi.Request, resp: falcon.asgi.Response, _resource: object, _succeeded: bool
    ) -> None:
        for name, value in HEADERS.items():
            if resp.get_header(name) is None:
                resp.set_header(name, value)


class _Server:
    def __init__(self, answering: Answering, pool: Pool, live: Live, static: StaticFiles) -> None:
        self._answering = answering
        self._pool = pool
        self._live = live
        self._static = static

    async def respond(
        self, route: str, req: falcon.asgi.Request, resp: falcon.asgi.Response, **values: str
    ) -> None:
        asked = _asked(req, route, values, await _body(req))
        try:
            given = await self._pool.run(partial(self._answering.answer, asked))
        except RefusedError as error:
            given = self._answering.refusal(asked, error.status, str(error))
        _give(req, resp, given)

    async def refused(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, error: falcon.HTTPError, _params: object
    ) -> None:
        """A path or a method that there is not, and what falcon itself refuses."""
        known = {NOT_FOUND: "there is no such page", NOT_ALLOWED: "this page does nothing of the kind"}
        sentence = known.get(error.status_code) or error.description or error.title
        given = self._answering.refusal(_asked(req, None, {}, b""), error.status_code, sentence)
        for name, value in dict(error.headers or {}).items():
            resp.set_header(name, value)
        _give(req, resp, given)

    async def changes(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """The stream that says when something changed."""
        asked = _asked(req, "/live", {}, b"")
        if await self._pool.run(partial(self._answering.may, asked)):
            resp.sse = self._live.changes(req.get_param("after") or "")
        else:
            raise falcon.HTTPForbidden(description="sign in first")

    async def file(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str) -> None:
        found = self._static.find(name)
        if found is None:
            raise falcon.HTTPNotFound
        resp.set_header("Cache-Control", FOR_EVER if req.get_param("v") == found.version else FOR_NOW)
        resp.content_type = found.content_type
        _write(req, resp, found.body, found.compressed)


def _responder(respond: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Falcon asks of a responder that it be a coroutine function, which a partial is not."""

    async def on(req: falcon.asgi.Request, resp: falcon.asgi.Response, **values: str) -> None:
        await respond(req, resp, **values)

    return on


async def _healthy(_req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
    resp.content_type = falcon.MEDIA_TEXT
    resp.text = "ok\n"


async def _body(req: falcon.asgi.Request) -> bytes:
    if req.method != "POST":
        return b""
    if (req.content_type or FORM).partition(";")[0].strip().lower() != FORM:
        raise falcon.HTTPUnsupportedMediaType(description="this takes what a form sends")
    if (req.content_length or 0) > MOST_BODY_BYTES:
        raise falcon.HTTPContentTooLarge(description="a form may be 1 MiB long")
    body = await req.stream.read(MOST_BODY_BYTES + 1)
    if len(body) > MOST_BODY_BYTES:
        raise falcon.HTTPContentTooLarge(description="a form may be 1 MiB long")
    return bytes(body)


def _asked(req: falcon.asgi.Request, route: str | None, values: dict[str, str], body: bytes) -> Asked:
    return Asked(
        method=req.method,
        route=route,
        values=values,
        path=req.path,
        query=req.query_string,
        body=body,
        header=req.get_header,
        cookies=req.cookies,
        peer=req.remote_addr,
    )


def _give(req: falcon.asgi.Request, resp: falcon.asgi.Response, given: Given) -> None:
    resp.status = given.status
    for name, value in given.headers.items():
        resp.append_header(name, value)
    resp.content_type = given.content_type
    long = len(given.body) >= COMPRESSED_FROM_BYTES
    _write(req, resp, given.body, gzip.compress(given.body, 6, mtime=0) if long else None)


def _write(req: falcon.asgi.Request, resp: falcon.asgi.Response, body: bytes, compressed: bytes | None) -> None:
    resp.set_header("Vary", "Accept-Encoding, Cookie")
    if compressed is not None and "gzip" in (req.get_header("Accept-Encoding") or ""):
        resp.set_header("Content-Encoding", "gzip")
        resp.data = compressed
    else:
        resp.data = body
