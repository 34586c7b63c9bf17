"""The ingress as a process, on each of its HTTP servers."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import requests

from demo.ports import free_ports
from tests.support.pipeline import Worker
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE, SECRET, signed_headers

SERVERS = {
    "waitress": {"INGRESS_SERVER": "waitress"},
    "uvicorn": {"INGRESS_SERVER": "uvicorn"},
}


@contextlib.contextmanager
def running_ingress(
    server: str, amqp_url: str, folder: Path, command: tuple[str, ...] = (), **settings: str
) -> Iterator[Worker]:
    """`command` is what to run instead of `python -m ingress`."""
    port, public = free_ports(2)
    environ = {
        "PATH": os.environ["PATH"],
        "AMQP_URL": amqp_url,
        "DOCSPACE_WEBHOOK_SECRET": SECRET,
        **SERVERS[server],
        "INGRESS_PORT": str(public),
        "HEALTH_PORT": str(port),
        "SPOOL_PATH": f"{folder}/spool.db",
        "LOG_FORMAT": "json",
        **settings,
    }
    ingress = Worker("ingress", environ, folder / "ingress.log", port, command=command)
    ingress.start()
    try:
        wait_until(ingress.answers, timeout_s=30, what=f"the ingress to listen, see {ingress.log}")
        yield ingress
    finally:
        if ingress.process is not None and ingress.process.poll() is None:
            ingress.process.kill()
            ingress.process.wait(10)


def post(ingress: Worker, body: bytes) -> requests.Response:
    return requests.post(ingress.webhook_url, data=body, headers=signed_headers(body), timeout=20)


def event(number: int) -> bytes:
    return EXAMPLE.replace("18231", str(number)).encode()


def raw_post(body: bytes, *fields: str, signed: bool = True) -> bytes:
    """The request as bytes; `fields` are further header lines."""
    signature = signed_headers(body) if signed else {}
    lines = [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in signature.items()), *fields]
    head = "\r\n".join(("POST /docspace/webhook HTTP/1.1", "Host: x", *lines))
    return f"{head}\r\n\r\n".encode() + body
