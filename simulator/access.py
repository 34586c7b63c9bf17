"""What every API request passes first: the count, faults, latency, the API key and its limits."""

import time
from typing import Any

import falcon

from simulator import scopes, seed
from simulator.calls import Calls
from simulator.faults import Faults, StatusFault
from simulator.limits import CALLS_A_MINUTE, Limits
from simulator.model import User

API = "/api/2.0/"
TOO_MANY = 429


class Gate:
    """Sets `req.context.user` and `req.context.permissions`."""

    def __init__(self, faults: Faults, keys: dict[str, User], calls: Calls, limits: Limits) -> None:
        self._calls = calls
        self._limits = limits
        self._faults = faults
        self._keys = keys

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        if not req.path.startswith(API):
            return
        self._calls.begin(req.method)
        key = (req.auth or "").removeprefix("Bearer ").strip()
        user = self._keys.get(key)
        if user is not None and not self._lets_in(user, req, resp):
            return
        if latency_ms := self._faults.latency_ms:
            time.sleep(latency_ms / 1000)
        if self._faults.portal_down:
            _answer(resp, 503)
            return
        fault = self._faults.take_status(req.method, req.path)
        if fault is not None:
            _refuse(resp, fault)
            return
        if user is None:
            _answer(resp, 401)  # with an empty body, as the portal's challenge has
            resp.set_header("WWW-Authenticate", "Bearer")
            return
        req.context.user = user
        req.context.permissions = seed.PERMISSIONS.get(key, ())
        if not scopes.allows(req.context.permissions, req.method, req.path.removeprefix(API)):
            _answer(resp, 403)  # with an empty body, as the portal's filter answers

    def process_response(self, req: falcon.Request, *_: object) -> None:
        if req.path.startswith(API):
            self._calls.end(req.method)
        if counted := req.context.get("counted"):
            self._limits.end(counted, req.method)

    def _lets_in(self, user: User, req: falcon.Request, resp: falcon.Response) -> bool:
        refusal = self._limits.begin(user.id, req.method)
        if refusal is None:
            req.context.counted = user.id
            return True
        self._calls.refused(req.method)
        _refuse(resp, StatusFault(TOO_MANY, ratelimit_reset=refusal.reset_s), refusal.limit)
        return False


def _answer(resp: falcon.Response, code: int) -> None:
    resp.status = falcon.code_to_http_status(code)
    resp.complete = True


def _refuse(resp: falcon.Response, fault: StatusFault, limit: int = CALLS_A_MINUTE) -> None:
    _answer(resp, fault.code)
    if fault.retry_after is not None:
        resp.set_header("Retry-After", str(fault.retry_after))
    if fault.code == TOO_MANY:
        resp.set_header("X-Ratelimit-Limit", str(limit))
        resp.set_header("X-Ratelimit-Remaining", "0")
    if fault.ratelimit_reset is not None:
        resp.set_header("X-Ratelimit-Reset", str(fault.ratelimit_reset))
    error: dict[str, Any] = {"message": falcon.code_to_http_status(fault.code)}
    resp.media = {"error": error, "status": 1, "statusCode": fault.code}
