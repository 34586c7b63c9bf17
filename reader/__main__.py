"""Reads what each filed invoice says: who, how much, until when. Runs where READER is on."""

import functools
import os
import sys
from typing import Annotated

from pydantic import Field

from reader.handler import Ports, handle
from reader.isolation.children import Children
from shared.docspace.client import Client
from shared.docspace.content import content
from shared.docspace.deadline import within
from shared.process.cli import BAD_SETTINGS, settings_or_exit
from shared.process.logs import configure_logs
from shared.process.settings import Portal, Worker
from shared.threads.stop import Stop
from shared.wire.events import EntryId
from shared.wire.stages import READER
from shared.worker import run_worker

DOWNLOAD_S = 15.0
"""For the bytes of a file. With the wait in the queue and the reading, whoever is told waits less than a minute."""


class Settings(Worker, Portal):
    worker_concurrency: Annotated[int, Field(ge=1, le=1024, description="messages handled at once")] = 2
    """As many children read at once. Each may take a processor for itself, and half a gigabyte."""


def main() -> int:
    settings = settings_or_exit(Settings, READER.name, __doc__ or "", sys.argv[1:], os.environ)
    configure_logs(READER.name, level=settings.log_level, log_format=settings.log_format)
    if READER not in settings.stages:
        sys.stderr.write(f"{READER.name}: READER is off: set READER=on for every process, or do not run this one\n")
        return BAD_SETTINGS
    client = Client(
        settings.docspace_api_host,
        settings.docspace_api_key.get_secret_value(),
        pool_size=settings.worker_concurrency,
        ca_file=settings.tls_ca_file,
    )
    children = Children(settings.worker_concurrency)
    children.start()
    ports = Ports(functools.partial(_content, client), children.read)
    try:
        return run_worker(
            READER,
            settings,
            lambda message: handle(message, ports),
            Stop(),
            {"children": children.check},
            notes={"isolation": children.note},
        )
    finally:
        children.close()
        client.close()


def _content(client: Client, file_id: EntryId, most_bytes: int) -> bytes:
    with within(DOWNLOAD_S):
        return content(client, file_id, most_bytes)


if __name__ == "__main__":
    raise SystemExit(main())
