"""Receives signed webhooks (https://www.standardwebhooks.com) and makes a file of each, once.

WEBHOOK_SECRETS holds one secret or, while you change it, several with spaces between them. PORT is 8080 by default.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECRETS = [base64.b64decode(each.removeprefix("whsec_")) for each in os.environ["WEBHOOK_SECRETS"].split()]
TOLERANCE_S = 300
MOST_BYTES = 100_000
DONE = Path("done")


def is_genuine(id_: str, timestamp: str, signatures: str, body: bytes) -> bool:
    """Signed with one of the secrets within the last five minutes, by a clock that may be five minutes fast."""
    if not (id_ and timestamp.isdecimal() and abs(time.time() - int(timestamp)) <= TOLERANCE_S):
        return False
    signed = f"{id_}.{timestamp}.".encode() + body
    wanted = [b"v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)) for secret in SECRETS]
    given = signatures.encode().split(b" ")
    return any(hmac.compare_digest(one, other) for one in given for other in wanted)


def handle(id_: str, event: dict) -> None:
    """Your part. Here each event becomes a file, complete or not there at all."""
    name = hashlib.sha256(id_.encode()).hexdigest()
    if not (DONE / f"{name}.json").exists():  # an event may come twice, with the same id
        unfinished = DONE / f"{name}.{time.monotonic_ns()}.part"
        unfinished.write_text(json.dumps(event))
        unfinished.rename(DONE / f"{name}.json")
        print(f"{event['type']} {id_}", flush=True)


class Receiver(BaseHTTPRequestHandler):
    timeout = 15

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return self.answer(413)
        body = self.rfile.read(int(length))
        id_, timestamp, signatures = (
            self.headers.get(f"webhook-{n}", "") for n in ("id", "timestamp", "signature")
        )
        if not is_genuine(id_, timestamp, signatures, body):
            return self.answer(401)
        handle(id_, json.loads(body))
        return self.answer(204)  # only now is it no longer sent again

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


DONE.mkdir(exist_ok=True)
server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver)
print("listening", flush=True)
server.serve_forever()
