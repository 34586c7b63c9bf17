"""A PostgreSQL for tests, which they may crash and freeze: in a container, or a private cluster of the package.

Both keep their port and their data through every `kill` and `start`, so a client's URL stays valid.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import psycopg
from psycopg import sql
from testcontainers.core.container import DockerContainer

from demo.ports import free_port
from tests.support.containers import pause
from tests.support.waiting import wait_until

IMAGE = "postgres:17"
UNSYNCED = "postgres -c fsync=off"
"""What a killed process wrote is there all the same: only a machine that loses its power loses it."""
START_TIMEOUT_S = 60.0
SMALL_DISK = "/small"
BALLAST = f"{SMALL_DISK}/ballast"
"""What another program left on the disk."""


def find_postgres() -> Path | None:
    """The directory of `initdb` and `postgres` of the newest installed version."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if packaged:
        return packaged[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Database(Protocol):
    kind: str

    @property
    def url(self) -> str: ...

    def start(self) -> None:
        """Boot where it does not run, and wait until it answers."""

    def stop(self) -> None:
        """An orderly end, which cuts every connection."""

    def kill(self) -> None:
        """A crash."""

    def pause(self) -> None:
        """Connections stay open and nothing answers."""

    def unpause(self) -> None: ...


class ContainerDatabase:
    kind = "container"

    def __init__(self, container: DockerContainer, url: str) -> None:
        self._container = container.get_wrapped_container()
        self.url = url

    def start(self) -> None:
        self._container.start()
        wait_until(lambda: answers(self.url), START_TIMEOUT_S, IMAGE, every_s=0.2)

    def stop(self) -> None:
        self._container.kill("SIGINT")  # PostgreSQL's fast shutdown; the image's own stop signal
        self._container.wait()

    def kill(self) -> None:
        self._container.kill()
        self._container.wait()

    def pause(self) -> None:
        pause(self._container)

    def unpause(self) -> None:
        self._container.reload()
        if self._container.status == "paused":
            self._container.unpause()


class PrivateDatabase:
    kind = "private"

    def __init__(self, programs: Path, directory: Path, owner: str | None) -> None:
        self.programs = programs
        self.directory = directory
        self._owner = owner
        self.port = free_port()
        self._command: list[str | Path] = [
            *(programs / "postgres", "-D", directory / "data", "-k", directory, "-p", str(self.port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"),
        ]
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self.launch()
        wait_until(lambda: answers(self.url), START_TIMEOUT_S, "PostgreSQL", every_s=0.1)

    def launch(self, *options: str) -> None:
        """Without waiting for an answer. `options` are settings for this start alone, as `name=value`."""
        if self._server is not None:
            return
        with (self.directory / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*self._command, *(word for option in options for word in ("-c", option))],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._owner,
                cwd=self.directory,
            )

    def stop(self) -> None:
        self._end(signal.SIGINT)  # fast shutdown

    def kill(self) -> None:
        self._end(signal.SIGQUIT)  # immediate shutdown: as a crash, but its children are gone when it returns

    def pause(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def unpause(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(30)
            self._server = None

    def _signal_all(self, number: signal.Signals) -> None:
        """Each of its processes is a session of its own, so there is no group to signal."""
        if self._server is None:
            return
        parent = self._server.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for pid in (parent, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


@contextlib.contextmanager
def container_database() -> Iterator[ContainerDatabase]:
    port = free_port()
    container = DockerContainer(IMAGE).with_env("POSTGRES_PASSWORD", "postgres").with_command(UNSYNCED)
    container.ports = {"5432/tcp": ("127.0.0.1", port)}  # type: ignore[dict-item]  # as in brokers.py
    url = f"postgresql://postgres:postgres@127.0.0.1:{port}/postgres"
    with container:
        database = ContainerDatabase(container, url)
        wait_until(lambda: answers(url), START_TIMEOUT_S, IMAGE, every_s=0.2)
        yield database


class SmallDatabase:
    """A PostgreSQL whose data and log share a small disk, and which is started again whenever it ends."""

    def __init__(self, container: DockerContainer, url: str) -> None:
        self._container = container.get_wrapped_container()
        self.url = url

    def fill(self) -> None:
        """No byte is free then; what lies within the files' last pages goes on."""
        self._shell(f"dd if=/dev/zero of={BALLAST} bs=64k")  # ends where the disk does
        self._shell(f"dd if=/dev/zero of={BALLAST} bs=1 count=65536 oflag=append conv=notrunc")

    def free(self) -> None:
        self._shell(f"rm -f {BALLAST}")

    def fill_log(self) -> None:
        """Write to its log until it crashes, as each write after the last free byte makes it do."""
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self.url, autocommit=True, connect_timeout=2) as connection,
        ):
            while True:
                connection.execute("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000000))")

    def said(self) -> str:
        """What it and whoever starts it again wrote."""
        return str(self._container.logs(), errors="replace")

    def _shell(self, command: str) -> None:
        self._container.exec_run(["sh", "-c", command])


@contextlib.contextmanager
def small_database(megabytes: int) -> Iterator[SmallDatabase]:
    """The disk is in memory, and stays while the container does."""
    port = free_port()
    again = "while true; do docker-entrypoint.sh postgres; sleep 0.5; done"
    container = (
        DockerContainer(IMAGE, entrypoint=["sh", "-c"], command=[again])  # type: ignore[arg-type]  # Docker takes a list
        .with_env("POSTGRES_PASSWORD", "postgres")
        .with_env("PGDATA", f"{SMALL_DISK}/data")
        .with_tmpfs_mount(SMALL_DISK, f"size={megabytes}m")
    )
    container.ports = {"5432/tcp": ("127.0.0.1", port)}  # type: ignore[dict-item]  # as in brokers.py
    url = f"postgresql://postgres:postgres@127.0.0.1:{port}/postgres"
    with container:
        database = SmallDatabase(container, url)
        wait_until(lambda: answers(url), START_TIMEOUT_S, IMAGE, every_s=0.2)
        yield database


@contextlib.contextmanager
def private_database(programs: Path) -> Iterator[PrivateDatabase]:
    directory = Path(tempfile.mkdtemp(prefix="postgres-"))
    owner = private_owner()
    if owner is not None:
        shutil.chown(directory, owner)
    database = PrivateDatabase(programs, directory, owner)
    make: list[str | Path] = [
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
    ]
    try:
        subprocess.run(make, check=True, capture_output=True, user=owner, cwd=directory)
        database.start()
        yield database
    finally:
        database.unpause()
        database.stop()
        shutil.rmtree(directory, ignore_errors=True)


def private_owner() -> str | None:
    """PostgreSQL refuses to run as root; the package brings a user for it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def own_database(url: str) -> str:
    """The URL of a new database on that server. It goes with the server."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{url.rpartition('/')[0]}/{name}"
