"""What a channel is given to tell, and a real HTTP server for what it sends."""

import http.server
import json
import threading
from typing import Any, Self

from shared.announcing.channels.channel import Notice, Tools
from shared.announcing.text import Texts
from shared.smtp.sender import SmtpSender
from shared.wire.events import InvoiceFiled

TOOLS = Tools(SmtpSender("smtp://127.0.0.1:9", "invoices@example.com"))
"""No mail server answers there."""


def a_notice(title: str = "Invoice.pdf", rule: str = "acme") -> Notice:
    invoice = InvoiceFiled(
        file_id=77, source_file_id=42, version=3, title=title, rule=rule, destination=900, recipients=()
    )
    return Notice((invoice,), Texts(invoice, "corr-1"), key="key-1", correlation_id="corr-1", within_s=30.0)


class Hook(http.server.ThreadingHTTPServer):
    """Takes what is posted, as JSON, and answers `status`; used as a context manager, it serves for as long."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.received: list[Any] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Taker(http.server.BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
