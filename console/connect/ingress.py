"""Calls the ingress as the portal does: the HEAD that checks the address, and a signed POST.

The POST is an event that no rule asks for: the classifier skips it.
"""

import json

from console.connect.http import NoAnswerError, call
from shared.docspace.signature import SIGNATURE_HEADER, sign
from shared.process.webhook_settings import PROBE

OK, UNAUTHORIZED, UNAVAILABLE = 200, 401, 503
OTHER_PORT = "give the ingress another port (INGRESS_PORT; under Compose INGRESS_PUBLISH)"


def head(url: str) -> int:
    """The status, or NoAnswerError."""
    return call("HEAD", url).status


def another_program(url: str, status: int) -> str:
    """What is said of an address that answers as no ingress does."""
    try:
        server = call("HEAD", url).server.strip()
    except NoAnswerError:
        server = ""
    called = f" ({server})" if server else ""
    return f"{url} answers {status}, as the ingress does not: another program{called} listens there"


def signed_post(url: str, secret: bytes) -> int:
    """The status of an event signed with `secret`, or NoAnswerError: OK is taken, UNAUTHORIZED another secret."""
    body = json.dumps({"event": {"trigger": PROBE}}).encode()
    headers = {SIGNATURE_HEADER: sign(secret, body), "Content-Type": "application/json; charset=utf-8"}
    return call("POST", url, body, headers).status
