"""The web console as a real process: started, invited to, signed in to, listened to and stopped."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import pytest

from shared.store.history.store import Store
from shared.store.history.tables import Database
from tests.support import forks
from tests.support.waiting import wait_until


class SupportsClose(Protocol):
    def close(self) -> None: ...


class Web:
    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.log = port, folder / "web.log"
        self.database_url = f"sqlite:///{folder}/ledger.db"
        self.environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database_url,
            "WEB_PORT": str(port),
            "LOG_FORMAT": "json",
            "DOCSPACE_API_KEY": "the portal's key",
        }
        self._opened: list[SupportsClose] = []
        with self.log.open("wb") as log:
            self.process = forks.start((sys.executable, "-m", "console", "web"), self.environ, log)

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status == 200
        except OSError:
            return False

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, cookie: str = ""
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": cookie}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        self.opened(connection)
        self.opened(answer)
        return answer

    def opened(self, what: SupportsClose) -> None:
        """It is closed at the end."""
        self._opened.append(what)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for opened in self._opened:
            opened.close()

    def signed_in(self) -> str:
        """A cookie."""
        invite = [sys.executable, "-m", "console", "web", "invite", "--name", "ada", "--role", "viewer", "--json"]
        told = json.loads(
            subprocess.run(invite, env=self.environ, check=True, capture_output=True, text=True).stdout
        )
        assert told["link"].startswith(f"http://127.0.0.1:{self.port}/invite/")
        form = {"password": "a long password", "again": "a long password"}
        answer = self.ask("POST", "/invite/" + told["link"].rsplit("/", 1)[1], form)
        assert answer.status == 303, answer.read()
        return (answer.headers["Set-Cookie"] or "").partition(";")[0]


@pytest.fixture
def web(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Web]:
    found = Web(tmp_path, free_port())
    try:
        wait_until(found.answers, 60, f"the web console, see {found.log}")
        yield found
    finally:
        found.end()


def history_of(web: Web) -> Store:
    database = Database(web.database_url, writes=True)
    database.create()
    web.opened(database)
    return Store(database)


def next_event(stream: http.client.HTTPResponse) -> dict[str, str]:
    """The next one that is no comment."""
    found: dict[str, str] = {}
    while True:
        line = stream.readline().decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if line and name:
            found[name] = value
        elif not line and found:
            return found


def test_an_open_page_is_told_what_is_new_and_what_it_missed(web: Web) -> None:
    store, cookie = history_of(web), web.signed_in()
    store.record([], 7)
    stream = web.ask("GET", "/live?after=7", cookie=cookie)
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    store.record([], 8)
    assert next_event(stream)["data"] == "8"
    late = web.ask("GET", "/live?after=7", cookie=cookie)  # a page that slept since 7
    began = time.monotonic()
    assert next_event(late)["id"] == "8"
    assert time.monotonic() - began < 3


def test_nobody_listens_without_having_signed_in(web: Web) -> None:
    assert web.ask("GET", "/live?after=0").status == 403


def test_it_ends_orderly_with_pages_open(web: Web) -> None:
    assert web.ask("GET", "/live?after=0", cookie=web.signed_in()).status == 200
    web.process.send_signal(signal.SIGTERM)
    assert web.process.wait(15) == 0, web.log.read_text()
    assert "web.stopped" in web.log.read_text()
    assert "Traceback" not in web.log.read_text()


def test_no_link_password_cookie_or_key_stands_in_its_log(web: Web) -> None:
    cookie = web.signed_in()
    web.ask("GET", "/me", cookie=cookie).read()
    web.ask("POST", "/login", {"name": "ada", "password": "a wrong password"}).read()
    text = web.log.read_text()
    assert '"what":"sign in"' in text
    for secret in (cookie.partition("=")[2], "a long password", "a wrong password", "the portal's key", "/invite/"):
        assert secret not in text


def test_a_port_that_is_taken_ends_it_with_one_sentence(web: Web) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "web"], env=web.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("intake: cannot listen on 127.0.0.1:")
    assert "Traceback" not in done.stderr
