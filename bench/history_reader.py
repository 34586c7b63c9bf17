"""The web console, and a person who has its first page open, which loads anew whenever the history grows."""

import contextlib
import http.client
import http.cookiejar
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import product
from bench.beside import beside
from bench.child import Child
from demo.ports import free_port
from shared.store.people.membership import Membership
from shared.store.people.person import Role

START_LIMIT_S = 60.0
SILENT_S = 30.0
"""Longer than the stream's sign of life takes."""


@contextlib.contextmanager
def reader(environ: Mapping[str, str], folder: Path) -> Iterator[None]:
    """`environ` is the projector's too. ContenderError if the console ends."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    command = [*product.module("console"), "web"]
    with Child(command, {**environ, "WEB_PORT": str(port)}, folder / "web.log") as web:
        _until_up(web, home)
        person = _signed_in(home, environ["DATABASE_URL"])
        with beside(lambda over: _look(person, home, over)):
            yield
            web.check()
            web.end()  # what the person's page waits for may not come for half a minute


def _until_up(web: Child, home: str) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            urllib.request.urlopen(f"{home}/healthz", timeout=5).close()
        except OSError:
            web.check()
            if time.monotonic() > deadline:
                raise web.failed("it does not answer") from None
            time.sleep(0.1)
        else:
            return


def _signed_in(home: str, database_url: str) -> urllib.request.OpenerDirector:
    with contextlib.closing(Membership(database_url)) as membership:
        token = membership.people.invite("bench", Role.VIEWER, time.time(), by="bench", sets_password=False)
    person = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    person.addheaders = [("Sec-Fetch-Site", "same-origin")]
    person.open(f"{home}/invite/{token}", data=b"", timeout=SILENT_S).close()
    return person


def _look(person: urllib.request.OpenerDirector, home: str, over: threading.Event) -> None:
    """Until it is over, or the console ends first."""
    cut_off = (OSError, http.client.HTTPException)
    with contextlib.suppress(*cut_off), person.open(f"{home}/live", timeout=SILENT_S) as changes:
        for line in changes:
            if over.is_set():
                return
            if line.startswith(b"event: changed"):
                person.open(f"{home}/", timeout=SILENT_S).read()
