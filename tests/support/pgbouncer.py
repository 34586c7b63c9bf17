"""A real PgBouncer of the system's package in front of a PostgreSQL."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from demo.ports import free_port
from tests.support.databases import answers, private_owner
from tests.support.waiting import wait_until

SERVER_CONNECTIONS = 3
"""Fewer than the clients have, so that they share them."""


def find_pgbouncer() -> Path | None:
    found = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    return Path(found) if found else None


@contextlib.contextmanager
def running_pgbouncer(program: Path, server_url: str, mode: str) -> Iterator[str]:
    """The URL of an empty database of the server, through the pooler. `mode` is "transaction" or "session".

    With the package's own settings it refuses each startup parameter that it does not know.
    """
    server, name, port = sa.make_url(server_url), f"pooled_{mode}", free_port()
    target = f"host={server.host} port={server.port} user={server.username}"
    directory = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    (directory / "pgbouncer.ini").write_text(
        f"""
        [databases]
        * = {target}{f" password={server.password}" if server.password else ""}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = any
        pool_mode = {mode}
        default_pool_size = {SERVER_CONNECTIONS if mode == "transaction" else 50}
        max_client_conn = 200
        """
    )
    owner = private_owner()
    if owner is not None:
        shutil.chown(directory, owner)
    url = f"postgresql://postgres@127.0.0.1:{port}/{name}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}")
        admin.execute(f"CREATE DATABASE {name}")
    with (directory / "log").open("wb") as log:
        pooler = subprocess.Popen(
            [program, "pgbouncer.ini"], cwd=directory, user=owner, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_until(lambda: answers(url), 30, "PgBouncer", every_s=0.1)
        yield url
    finally:
        pooler.send_signal(signal.SIGTERM)
        pooler.wait(15)
        shutil.rmtree(directory, ignore_errors=True)
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
