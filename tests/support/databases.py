"""A PostgreSQL for tests: in a container, or a private cluster from the system's package."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from testcontainers.core.container import DockerContainer

from demo.ports import free_port
from tests.support.waiting import wait_until

IMAGE = "postgres:17"
START_TIMEOUT_S = 60.0


def find_postgres() -> Path | None:
    """The directory of `initdb` and `postgres` of the newest installed version."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if packaged:
        return packaged[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextlib.contextmanager
def container_postgres() -> Iterator[str]:
    port = free_port()
    container = DockerContainer(IMAGE).with_env("POSTGRES_PASSWORD", "postgres")
    container.ports = {"5432/tcp": ("127.0.0.1", port)}
    with container:
        url = f"postgresql://postgres:postgres@127.0.0.1:{port}/postgres"
        wait_until(lambda: _answers(url), START_TIMEOUT_S, IMAGE, every_s=0.2)
        yield url


@contextlib.contextmanager
def private_postgres(programs: Path) -> Iterator[str]:
    directory = Path(tempfile.mkdtemp(prefix="postgres-"))
    port = free_port()
    owner = _unprivileged_user()
    if owner is not None:
        shutil.chown(directory, owner)
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                directory / "data",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            user=owner,
            cwd=directory,
        )
        with (directory / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(programs / "postgres", "-D", directory / "data", "-k", directory, "-p", str(port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=owner,
                cwd=directory,
            )
        wait_until(lambda: _answers(url), START_TIMEOUT_S, f"PostgreSQL from {programs}", every_s=0.1)
        yield url
    finally:
        if server is not None:
            server.send_signal(2)  # SIGINT: PostgreSQL's fast shutdown
            server.wait(30)
        shutil.rmtree(directory, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; the package brings a user for it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
