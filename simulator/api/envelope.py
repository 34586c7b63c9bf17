"""The envelope of every API answer, of every refusal, and the problem documents that have none."""

import secrets
from http import HTTPStatus
from typing import Any

import falcon
import msgspec

from simulator.errors import PortalError, ValidationError
from simulator.portal.model import JsonObject

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
SECTION = "https://tools.ietf.org/html/rfc9110#section-"
SECTIONS = {400: "15.5.1", 403: "15.5.4", 404: "15.5.5", 415: "15.5.16"}

GERMAN = {
    "The required file was not found": "Die angefragte Datei wurde nicht gefunden",
    "The required folder was not found": "Der angefragte Ordner wurde nicht gefunden",
}
"""The texts seen for a service user whose language is German. All others stay English."""


def created(req: falcon.Request, resp: falcon.Response, response: Any) -> None:
    """As `ok`, with 201: the answer to the last chunk of an upload."""
    ok(req, resp, response)
    resp.status = falcon.HTTP_201


def ok(
    req: falcon.Request, resp: falcon.Response, response: Any, *, count: int = 1, total: int | None = None
) -> None:
    """`count` is nearly always 1, also for a page and for an empty list."""
    body: JsonObject = {"response": response, "count": count}
    if total is not None:
        body["total"] = total
    _put(resp, body | _end(req, 0, 200), JSON)


def refuse(req: falcon.Request, resp: falcon.Response, error: PortalError, _params: dict[str, Any]) -> None:
    resp.status = falcon.code_to_http_status(error.status)
    if isinstance(error, ValidationError):
        _refuse_shape(req, resp, error)
        return
    german = req.context.get("language") == "de"
    told = {
        "message": GERMAN.get(error.message, error.message) if german else error.message,
        "type": error.type,
        "stack": "   at …",
        "hresult": error.hresult,
    }
    _put(resp, {"error": told, "status": 1, "statusCode": error.status}, JSON)


def _refuse_shape(req: falcon.Request, resp: falcon.Response, error: ValidationError) -> None:
    if error.errors:
        shown = problem(error.status, title=error.message, errors=error.errors)
        end = _end(req, 1, error.status)
    else:
        shown = problem(error.status)
        end = _end(req, 0, 200)  # the body looks like a success
    _put(resp, {"response": shown, "count": 1} | end, PROBLEM)


def refuse_http(
    req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _params: dict[str, Any]
) -> None:
    """What the framework refuses: an empty answer for the API's routes, one with a text for the simulator's own."""
    resp.status = error.status
    for name, value in dict(error.headers or {}).items():
        resp.set_header(name, value)
    if not req.path.startswith("/api/"):
        code = int(str(error.status).split()[0])
        resp.media = {"error": {"message": error.description or error.title or ""}, "status": 1, "statusCode": code}


def problem(status: int, *, title: str | None = None, errors: JsonObject | None = None) -> JsonObject:
    """A problem document. 402 has no title, because the portal's framework does not know it."""
    section = SECTIONS.get(status)
    document: JsonObject = {}
    if section is not None:
        document |= {"type": SECTION + section, "title": title or HTTPStatus(status).phrase}
    document["status"] = status
    if errors is not None:
        document["errors"] = errors
    return document | {"traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"}


def answer_problem(resp: falcon.Response, status: int) -> None:
    resp.status = falcon.code_to_http_status(status)
    _put(resp, problem(status), PROBLEM)
    resp.complete = True


def answer_empty(resp: falcon.Response, status: int) -> None:
    resp.status = falcon.code_to_http_status(status)
    resp.content_type = ""
    resp.complete = True


def _put(resp: falcon.Response, document: JsonObject, kind: str) -> None:
    resp.data = msgspec.json.encode(document)
    resp.content_type = kind


def _end(req: falcon.Request, status: int, code: int) -> JsonObject:
    return {"links": [{"href": req.uri, "action": req.method}], "status": status, "statusCode": code}
