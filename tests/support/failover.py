"""Two real PostgreSQL servers behind one address: a primary, and a standby that may take its place."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from demo.ports import free_port
from tests.support.databases import PrivateDatabase, private_database, private_owner
from tests.support.proxy import Proxy, proxy
from tests.support.waiting import wait_until

TAKES_OVER_WITHIN_S = 60


@dataclass
class Pair:
    """Nothing that was committed is lost when the standby takes over: each commit waits for it."""

    primary: PrivateDatabase
    standby: PrivateDatabase
    address: Proxy

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.address.port}/postgres"

    def demote(self) -> None:
        """The primary writes no more, and the connections to it live on."""
        with psycopg.connect(self.primary.url, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            admin.execute("SELECT pg_reload_conf()")
            others = "SELECT 1 FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()"
            writers = f"{others} AND backend_type = 'client backend'"
            wait_until(lambda: not admin.execute(writers).fetchall(), 30, "what was under way to end")

    def mend(self) -> None:
        """The primary writes again, and the address leads there."""
        with psycopg.connect(self.primary.url, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
            admin.execute("SELECT pg_reload_conf()")
        self.address.lead_to(self.primary.port)
        wait_until(lambda: _writes(self.url), 30, "the primary to write")

    def promote(self) -> None:
        """The standby writes, and the address leads there for who connects anew."""
        program, data, owner = self.standby.programs / "pg_ctl", self.standby.directory / "data", private_owner()
        takes_over: list[str | Path] = [program, "promote", "-w", "-t", str(TAKES_OVER_WITHIN_S), "-D", data]
        subprocess.run(takes_over, check=True, capture_output=True, user=owner, cwd=self.standby.directory)
        self.address.lead_to(self.standby.port)


@contextlib.contextmanager
def primary_and_standby(programs: Path) -> Iterator[Pair]:
    """The standby streams from the primary, and answers who reads."""
    with private_database(programs) as primary, _copy(programs, primary) as standby:
        with psycopg.connect(primary.url, autocommit=True) as admin:
            streams = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
            wait_until(lambda: admin.execute(streams).fetchall(), 60, "the standby to follow", every_s=0.1)
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.execute("SELECT pg_reload_conf()")
            waits = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
            wait_until(lambda: admin.execute(waits).fetchall(), 60, "commits to wait for the standby", every_s=0.1)
        with proxy(free_port(), primary.port) as address:
            yield Pair(primary, standby, address)


def _writes(url: str) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("SHOW transaction_read_only").fetchone() == ("off",)


@contextlib.contextmanager
def _copy(programs: Path, primary: PrivateDatabase) -> Iterator[PrivateDatabase]:
    directory = Path(tempfile.mkdtemp(prefix="standby-"))
    owner = private_owner()
    if owner is not None:
        shutil.chown(directory, owner)
    standby = PrivateDatabase(programs, directory, owner)
    copy: list[str | Path] = [
        *(programs / "pg_basebackup", "-D", directory / "data", "-d", primary.url),
        *("--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
    ]
    try:
        subprocess.run(copy, check=True, capture_output=True, user=owner, cwd=directory)
        standby.start()
        yield standby
    finally:
        standby.stop()
        shutil.rmtree(directory, ignore_errors=True)
