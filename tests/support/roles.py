"""The database's roles on a real PostgreSQL, in a database of their own, as `intake database roles` makes them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from typer.testing import CliRunner, Result

from console.__main__ import app
from shared.store import grants
from shared.store.roles import ROLES, user_of
from shared.store.upgrade import upgrade
from tests.support.databases import own_database


class Roles:
    """A context manager: at its end the database is gone, and the roles with it."""

    def __init__(self, postgres_url: str, folder: Path) -> None:
        """`postgres_url` is a superuser's; the passwords are in `folder`."""
        self._server_url = postgres_url
        self._folder = folder / "roles"
        self.admin_url = own_database(postgres_url)

    def __enter__(self) -> Self:
        for _ in range(2):  # repeating it is safe
            done = self.apply()
            assert done.exit_code == 0, done.output
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(urlsplit(self.admin_url).path[1:]))
        with psycopg.connect(self._server_url, autocommit=True) as admin:
            admin.execute(drop)
            for role in ROLES:
                admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(user_of(role))))

    def apply(self, *options: str, url: str = "") -> Result:
        command = ["database", "roles", "--apply", "--secrets", str(self._folder), *options]
        return CliRunner().invoke(app, command, env={"DATABASE_URL": url or self.admin_url})

    def make_tables(self) -> None:
        """As `intake topology` does, as the role that may."""
        upgrade(self.url("topology"))
        grants.renew(self.url("topology"))

    def url(self, role: str) -> str:
        password = (self._folder / role).read_text().strip()
        _, _, host = self.admin_url.rpartition("@")
        return f"postgresql://{user_of(role)}:{password}@{host}"

    @contextlib.contextmanager
    def connected(self, role: str) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(role), autocommit=True) as connection:
            yield connection
