"""The broker's users, imported into a real broker from the definitions that `intake broker users` prints."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import pika
import requests
from typer.testing import CliRunner, Result

from console.__main__ import app
from tests.support.brokers import Broker

GUEST = ("guest", "guest")


class Users:
    """A context manager: at its end the users are gone."""

    def __init__(self, broker: Broker, url: str, folder: Path, *options: str) -> None:
        """For the virtual host of `url`, with their passwords in `folder`; `options` go to the command."""
        self.management_url = broker.management_url
        self.vhost = urlsplit(url).path[1:]
        self._url = url
        self._folder = folder / "secrets"
        self._options = options

    def __enter__(self) -> Self:
        for _ in range(2):  # repeating it is safe
            self.imported = self._import()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for user in self.imported["users"]:
            requests.delete(f"{self.management_url}/api/users/{user['name']}", auth=GUEST, timeout=10)

    def login(self, role: str) -> tuple[str, str]:
        return role if role.startswith("dev.") else f"intake-{role}", (self._folder / role).read_text().strip()

    def url(self, role: str) -> str:
        name, password = self.login(role)
        return self._url.replace("guest:guest@", f"{name}:{password}@")

    @contextlib.contextmanager
    def connected(self, role: str) -> Iterator[pika.BlockingConnection]:
        connection = pika.BlockingConnection(pika.URLParameters(self.url(role)))
        try:
            yield connection
        finally:
            if connection.is_open:
                connection.close()

    def run(self, role: str, *command: str, **settings: str) -> Result:
        """A command of `intake`, as this role."""
        environ = {"RETRY_DELAYS_S": "1,2", **settings, "AMQP_URL": self.url(role)}
        return CliRunner().invoke(app, list(command), env=environ)

    def _import(self) -> dict[str, Any]:
        command = ["broker", "users", "--definitions", "--secrets", str(self._folder), *self._options]
        told = CliRunner().invoke(app, command, env={"AMQP_URL": self._url})
        assert told.exit_code == 0, told.output
        definitions: dict[str, Any] = json.loads(told.stdout)
        answer = requests.post(f"{self.management_url}/api/definitions", json=definitions, auth=GUEST, timeout=30)
        assert answer.ok, answer.text
        return definitions
