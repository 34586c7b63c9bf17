"""The envelope of every API answer, and the one of every refusal."""

from typing import Any

import falcon

from simulator.errors import PortalError


def ok(req: falcon.Request, resp: falcon.Response, response: Any, *, total: int | None = None) -> None:
    count = len(response) if isinstance(response, list) else 1
    body: dict[str, Any] = {"response": response, "count": count}
    if total is not None:
        body["total"] = total
    body |= {"links": [{"href": req.uri, "action": req.method}], "status": 0, "statusCode": 200}
    resp.media = body


def refuse(_req: falcon.Request, resp: falcon.Response, error: PortalError, _params: dict[str, Any]) -> None:
    resp.status = falcon.code_to_http_status(error.status)
    resp.media = {
        "error": {"message": error.message, "type": error.type, "stack": "", "hresult": -2146233088},
        "status": 1,
        "statusCode": error.status,
    }


def refuse_http(
    _req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _params: dict[str, Any]
) -> None:
    """What the framework refuses, such as a body that is no JSON, in the portal's shape."""
    resp.status = error.status
    code = int(str(error.status).split()[0])
    resp.media = {"error": {"message": error.description or error.title or ""}, "status": 1, "statusCode": code}
