"""Checks every API request first: count, limits, latency, faults, the portal's state, API key."""

import time
from dataclasses import dataclass
from typing import Any

import falcon

from simulator.api import keys
from simulator.api.envelope import answer_empty, answer_problem
from simulator.faults import Faults, StatusFault
from simulator.gate import scopes
from simulator.gate.calls import Calls
from simulator.gate.latencies import Latencies
from simulator.gate.limits import CALLS_A_MINUTE, Limits, Refusal
from simulator.portal import seed, tenant
from simulator.portal.model import User
from simulator.portal.moods import Moods

API = "/api/2.0/"
TOO_MANY = 429
UNAUTHORIZED, FORBIDDEN = 401, 403


@dataclass
class Gate:
    """Sets `req.context.user` (None for nobody), `.key`, `.permissions` and `.language`."""

    faults: Faults
    moods: Moods
    users: dict[str, User]
    """The user of each API key."""
    calls: Calls
    limits: Limits
    latencies: Latencies

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        if not req.path.startswith(API):
            return
        self.calls.begin(req.method)
        mood = self.moods.now
        key = "" if mood.drop_key else keys.token(req.auth)
        off = seed.SERVICE if mood.key_off else None
        req.context.key, req.context.caller = key, keys.caller(key, self.users, off)
        if not self._lets_in(req, resp):
            return
        req.context.place = self.latencies.enter(req.method, req.path.removeprefix(API), req.params)
        if latency_ms := self.faults.latency_ms:
            time.sleep(latency_ms / 1000)
        if self.faults.portal_down:
            answer_empty(resp, 503)
            return
        fault = self.faults.take_status(req.method, req.path)
        if fault is not None:
            _refuse(resp, fault)

    def process_resource(
        self, req: falcon.Request, resp: falcon.Response, _resource: object, _params: dict[str, Any]
    ) -> None:
        """Called only for a route that exists. Other routes answer 404, with any key or none."""
        route = req.path.removeprefix(API)
        if not req.path.startswith(API):
            return
        filtered = "?filterType" if req.get_param("filterType") else ""  # only the sweep's pages have a filter
        self.calls.routed(req.method, str(req.uri_template).removeprefix(API) + filtered)
        if keys.is_public(route):
            return
        status = tenant.refusal(self.moods.now.state, route)
        if status is not None:
            answer_problem(resp, status)
            return
        caller, is_open = req.context.caller, keys.is_open(req.method, route)
        if isinstance(caller, keys.Nobody):
            if not is_open:
                answer_empty(resp, UNAUTHORIZED)
            elif caller is keys.Nobody.REFUSED:
                answer_problem(resp, FORBIDDEN)
            req.context.user = None
            return
        req.context.user = caller
        req.context.permissions = seed.PERMISSIONS.get(req.context.key, ())
        req.context.language = self.moods.now.language if caller is seed.SERVICE else "en"
        if not scopes.allows(req.context.permissions, req.method, route):
            if is_open:
                answer_problem(resp, FORBIDDEN)
            else:
                answer_empty(resp, FORBIDDEN)

    def process_response(self, req: falcon.Request, *_: object) -> None:
        if req.path.startswith(API):
            self.calls.end(req.method)
        if counted := req.context.get("counted"):
            self.limits.end(counted, req.method)
        if place := req.context.get("place"):
            self.latencies.leave(place)

    def _lets_in(self, req: falcon.Request, resp: falcon.Response) -> bool:
        """The portal counts calls without a user by address. Here all of them count together."""
        caller = req.context.caller
        counted = caller.id if isinstance(caller, User) else "nobody"
        refusal = self.limits.begin(counted, req.method)
        if refusal is None:
            req.context.counted = counted
            return True
        self.calls.refused(req.method)
        _too_many(resp, refusal)
        return False


def _too_many(resp: falcon.Response, refusal: Refusal) -> None:
    answer_empty(resp, TOO_MANY)
    resp.set_header("X-RateLimit-Limit", str(refusal.limit))
    resp.set_header("X-RateLimit-Remaining", "0")
    if refusal.reset_s is not None:
        resp.set_header("Retry-After", str(refusal.reset_s))
        resp.set_header("X-RateLimit-Reset", str(int(time.time()) + refusal.reset_s))


def _refuse(resp: falcon.Response, fault: StatusFault) -> None:
    answer_empty(resp, fault.code)
    if fault.retry_after is not None:
        resp.set_header("Retry-After", str(fault.retry_after))
    if fault.ratelimit_reset is not None:
        resp.set_header("X-RateLimit-Reset", str(fault.ratelimit_reset))
    if fault.code == TOO_MANY:
        resp.set_header("X-RateLimit-Limit", str(CALLS_A_MINUTE))
        resp.set_header("X-RateLimit-Remaining", "0")
        return
    error: dict[str, Any] = {"message": falcon.code_to_http_status(fault.code)}
    resp.media = {"error": error, "status": 1, "statusCode": fault.code}
    resp.content_type = falcon.MEDIA_JSON
