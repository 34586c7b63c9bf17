"""Calls the ingress as the portal does: the HEAD that checks the address, and a signed POST.

The POST is an event that no rule asks for: the classifier skips it.
"""

import hashlib
import hmac
import json

from console.http_call import call

OK, UNAUTHORIZED, UNAVAILABLE = 200, 401, 503
PROBE = "intake.probe"
"""The trigger of the signed event."""


def head(url: str) -> int:
    """The status, or NoAnswerError."""
    return call("HEAD", url).status


def signed_post(url: str, secret: bytes) -> int:
    """The status of an event signed with `secret`, or NoAnswerError: OK is taken, UNAUTHORIZED another secret."""
    body = json.dumps({"event": {"trigger": PROBE}}).encode()
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest().upper()
    headers = {"x-docspace-signature-256": f"sha256={digest}", "Content-Type": "application/json; charset=utf-8"}
    return call("POST", url, body, headers).status
