"""What the doctor, the setup and the sweep say of a portal, by the answers that a real one gave."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from console.doctor import portal, rooms, webhook, workers
from console.doctor.line import Level, Line
from console.reconcile.asked import asked
from console.rules.past_portal import AskedOnce
from console.setup.choosing import ChoiceError
from console.setup.given import Given
from console.setup.person import Person
from console.setup.places_step import PlacesStep
from console.setup.webhook_step import register
from shared.docspace.client import Client
from shared.docspace.errors import (
    ForbiddenError,
    NotFoundError,
    PortalFaultError,
    ScopeMissingError,
    TryLaterError,
)
from shared.docspace.model import FolderInfo
from shared.docspace.state import missing
from shared.rules.file import single_rule

RECORDED = Path(__file__).parents[2] / "recorded"
Answer = tuple[int, bytes]
"""A status and a body."""

PAGE: Answer = (200, b"<html>Log in</html>")
NOTHING: Answer = (401, b"")
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def recorded(name: str, **changed: Any) -> Answer:
    """`changed` are fields of its response that it is to hold instead."""
    exchange = json.loads((RECORDED / f"{name}.json").read_text())
    answer = exchange["answer"]
    if changed:
        answer["response"] |= changed
    return exchange["status"], json.dumps(answer).encode() if answer else b""


def of(response: object) -> Answer:
    return 200, json.dumps({"response": response}).encode()


class Site(ThreadingHTTPServer):
    """Answers each route of the portal's as it is told; a route that nobody told of is the portal's bare 404."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {
            "settings": recorded("more-settings-active"),
            "keys/@self": recorded("read-key-self"),
            "people/@self": recorded("read-people-self"),
        }
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        route = urlsplit(self.path).path.removeprefix("/api/2.0/").lstrip("/")
        status, body = self.server.answers.get(route, recorded("more-portal-suspended-file"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    client = Client(site.url, "sk-key", pool_size=1, timeout_s=(1, 1))
    yield client
    client.close()


def lines(client: Client) -> list[Line]:
    return list(portal.check(client, lambda: datetime.now(UTC)))


@pytest.mark.parametrize(
    ("answers", "text", "mend"),
    [
        ({"settings": PAGE}, "something else than the portal answers (200", "see what http://127.0.0.1"),
        ({"settings": (302, b"")}, "something else than the portal answers (302", "see what http://127.0.0.1"),
        ({"settings": recorded("more-settings-suspended")}, "is suspended", "its owner renews it"),
        (
            {"settings": recorded("more-settings-restoring")},
            "is being restored, moved or encrypted",
            "wait: it comes back by itself",
        ),
        ({"keys/@self": (402, recorded("more-portal-unpaid-file")[1])}, "is unpaid", "its owner renews the plan"),
        ({"keys/@self": NOTHING, "files/fileops": NOTHING}, "refuses our API key (401)", "make a new one"),
        (
            {"keys/@self": NOTHING, "files/fileops": of([])},
            "does not arrive",
            "let the proxy pass the Authorization header",
        ),
        ({"settings": (429, b"")}, "limits our rate", "run doctor again"),
    ],
    ids=["page", "redirect", "suspended", "restoring", "unpaid", "key", "key lost", "rate"],
)
def test_of_a_portal_that_takes_no_call_one_line_says_which_it_is(
    site: Site, client: Client, answers: dict[str, Answer], text: str, mend: str
) -> None:
    site.answers |= answers
    (line,) = lines(client)
    assert line.level is Level.FAILED
    assert text in line.text
    assert line.mend.startswith(mend)
    assert ("make a new one" in line.mend) is (mend == "make a new one")


def test_a_portal_that_cannot_be_reached_is_said_with_the_address(client: Client, site: Site) -> None:
    site.shutdown()
    site.server_close()
    (line,) = lines(client)
    assert "cannot be reached" in line.text
    assert line.mend.startswith("correct DOCSPACE_API_HOST")


def test_a_key_without_limits_is_fine(client: Client) -> None:
    assert [line for line in lines(client) if line.level is not Level.OK] == []


def test_a_key_with_limits_lacks_what_the_workers_need_and_is_to_be_given_it(site: Site, client: Client) -> None:
    site.answers |= {"keys/@self": recorded("read-key-self-scoped"), "people/@self": recorded("read-scope-self")}
    bad = {line.text: line for line in lines(client) if line.level is not Level.OK}
    lacking = bad["the API key lacks the permission files:read, files:write"]
    assert (lacking.level, lacking.mend.startswith("give it that in the portal")) == (Level.FAILED, True)
    (user,) = (line for text, line in bad.items() if "who its user is" in text)
    assert (user.level, user.mend) == (Level.WARNING, "add the permission accounts.self:read to the key")


def test_a_key_that_may_not_see_webhooks_is_told_the_permission(site: Site, client: Client) -> None:
    site.answers |= {
        "keys/@self": recorded("read-key-self-scoped"),
        "settings/webhook": recorded("hook-key-without-scope"),
    }
    (line,) = webhook.check(client, webhook.Ours(RULES))
    assert line.level is Level.WARNING
    assert "may not see webhooks" in line.text
    assert "*:read" in line.mend


class Folders:
    """Folders by id, each with the titles and facts of those above it; an error is raised."""

    def __init__(self, **facts: Any) -> None:
        self.source: FolderInfo | Exception = FolderInfo(id=1, title="Acme", room_type=5, can_manage=True)
        self.destination: FolderInfo | Exception = FolderInfo(id=2, title="Incoming", can_create=True)
        self.above = FolderInfo(id=3, title="Accounting", room_type=5)
        for name, value in facts.items():
            setattr(self, name, value)
        self.calls = 0

    def folder(self, folder_id: int | str) -> FolderInfo:
        self.calls += 1
        found = self.source if folder_id == 1 else self.destination
        if isinstance(found, Exception):
            raise found
        return found

    def folder_path(self, folder_id: int | str) -> tuple[FolderInfo, ...]:
        return (FolderInfo(id=9, title="Rooms"), self.above, self.folder(folder_id))


RULES = single_rule("1", "2", "manager@example.com")
SOURCE, DESTINATION = 'room 1 "Acme" of rule default', 'folder 2 "Incoming", the destination of rule default'


def room(root: int) -> FolderInfo:
    return FolderInfo(id=1, title="Acme", room_type=5, can_manage=True, root_folder_type=root)


def incoming(root: int) -> FolderInfo:
    return FolderInfo(id=2, title="Incoming", can_create=True, can_move_to=True, root_folder_type=root)


@pytest.mark.parametrize(
    ("facts", "text", "mend"),
    [
        ({"source": room(20)}, f"{SOURCE} is in an archived room", "restore the room"),
        ({"source": room(3)}, f"{SOURCE} is in the trash", "restore it"),
        ({"destination": incoming(20)}, f"{DESTINATION} is in an archived room", "restore the room"),
        ({"destination": incoming(3)}, f"{DESTINATION} is in the trash", "restore it"),
        (
            {"above": FolderInfo(id=3, title="Forms", room_type=1)},
            f"{DESTINATION} lies in a form-filling room, which takes ONLYOFFICE PDF forms alone",
            "name another folder",
        ),
        (
            {"destination": ForbiddenError("no")},
            "folder 2, the destination of rule default, is hidden from the service user: it is no member of that",
            "invite the service user",
        ),
        ({"source": NotFoundError("gone")}, "room 1 of rule default does not exist", "correct the id"),
        ({"source": TryLaterError("500")}, "room 1 of rule default cannot be looked at", "see whether"),
    ],
)
def test_a_folder_that_nothing_can_be_filed_in_or_out_of_is_said_with_the_mend(
    facts: dict[str, Any], text: str, mend: str
) -> None:
    bad = [line for line in rooms.check(Folders(**facts), RULES) if line.level is not Level.OK]
    assert [line.text.startswith(text) for line in bad] == [True], bad
    assert bad[0].mend.startswith(mend)


def test_what_would_be_so_for_every_folder_is_said_once() -> None:
    for error in (PortalFaultError("suspended"), ScopeMissingError(missing(["files:read"]), "files:read")):
        folders = Folders(source=error)
        (line,) = rooms.check(folders, RULES)
        assert (line.level, folders.calls) == (Level.FAILED, 1)


ROOM = {"id": 7, "title": "Acme", "roomType": 5, "rootFolderType": 14}
PERSON = Person(on_terminal=False, says_yes=True, by_stderr=True)


def given(room: str | None = None, incoming: str | None = None) -> Given:
    return Given(
        env_file=Path(".env"), rules_file=None, portal=None, api_key_file=None, room=room, incoming=incoming,
        create_incoming=False, recipients=(), titles=(), name=None, add_rule=False, smtp_url=None, mail_from=None,
        operator=None, checks_mail=True, webhook_url=None, registers=True, starts=None, wait_s=None, dry_run=False,
    )  # fmt: skip


def offer(site: Site, *found: dict[str, Any]) -> None:
    site.answers["files/rooms"] = of({"folders": list(found), "files": [], "total": len(found)})
    for folder in found:
        path = [{"id": 1, "title": "Rooms"}, folder]
        site.answers |= {f"files/folder/{folder['id']}": of(folder), f"files/folder/{folder['id']}/path": of(path)}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"roomType": 1}, '"Acme" lies in a form-filling room'),
        ({"rootFolderType": 20}, '"Acme" is in an archived room'),
        ({"rootFolderType": 3}, '"Acme" is in the trash'),
    ],
)
def test_the_setup_says_at_the_choice_that_nothing_can_be_filed_there(
    site: Site, client: Client, facts: dict[str, Any], said: str
) -> None:
    offer(site, ROOM | facts)
    for option in ("7", "Acme"):
        with pytest.raises(ChoiceError, match=said):
            PlacesStep(PERSON, client).destination(given(incoming=option))
    offer(site, ROOM)
    assert PlacesStep(PERSON, client).destination(given(incoming="Acme")).folder.id == 7


def test_the_setup_does_not_take_an_archived_room_for_the_clients(site: Site, client: Client) -> None:
    offer(site, ROOM | {"rootFolderType": 20})
    with pytest.raises(ChoiceError, match='"Acme" is in an archived room'):
        PlacesStep(PERSON, client).room(given(room="7"))
    offer(site, ROOM | {"roomType": 1})  # what is uploaded there may be moved out
    assert PlacesStep(PERSON, client).room(given(room="7")).id == 7


def test_on_a_terminal_another_room_is_asked_for(
    site: Site, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offer(site, ROOM | {"roomType": 1}, ROOM | {"id": 8, "title": "Books"})
    site.answers["files/8"] = of({"folders": [], "files": [], "total": 0})
    typed = iter(["1", "2", "."])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(typed))
    person = Person(on_terminal=True, says_yes=False, by_stderr=False)
    assert PlacesStep(person, client).destination(given()).folder.id == 8
    assert '"Acme" lies in a form-filling room' in capsys.readouterr().out


def test_a_key_that_may_not_list_rooms_is_told_so_and_may_name_one_by_its_id(site: Site, client: Client) -> None:
    offer(site, ROOM)
    limited = recorded("read-key-self", permissions=["files:write"])
    site.answers |= {"files/rooms": recorded("read-scope-self"), "keys/@self": limited}
    with pytest.raises(ChoiceError, match="this key may not list rooms: give it rooms:read"):
        PlacesStep(PERSON, client).room(given(room="Acme"))
    assert PlacesStep(PERSON, client).room(given(room="7")).title == "Acme"


def test_a_key_that_may_not_see_webhooks_leaves_the_webhook_to_a_person(
    site: Site, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers |= {
        "keys/@self": recorded("read-key-self-scoped"),
        "settings/webhook": recorded("hook-key-without-scope"),
    }
    assert register(PERSON, client, "https://hooks.example/docspace/webhook", "secret", RULES) is None
    assert "By hand: in the portal" in capsys.readouterr().err


def test_a_sweep_needs_the_portal_but_no_right_to_read_webhooks(site: Site, client: Client) -> None:
    site.answers |= {
        "keys/@self": recorded("read-key-self-scoped"),
        "settings/webhook": recorded("hook-key-without-scope"),
    }
    since = NOW - timedelta(hours=2)
    told = asked(client, {"file.uploaded"}, since, NOW)
    assert (told.fault, told.ids, told.deliveries.rows) == (None, None, ())
    assert "*:read" in told.unchecked[0]
    site.answers["settings"] = recorded("more-settings-suspended")
    with pytest.raises(PortalFaultError):
        asked(client, {"file.uploaded"}, since, NOW)


def test_a_portal_that_takes_no_call_is_asked_once_about_the_past(site: Site, client: Client) -> None:
    site.answers["settings"] = recorded("more-settings-suspended")
    told: list[str] = []
    once = AskedOnce(client, told.append)
    for file_id in (1, 2, 3):
        with pytest.raises(PortalFaultError):
            once.file(file_id)
    assert told == ["file 1"]


def test_a_worker_that_the_portal_limits_says_until_when(site: Site) -> None:
    why = "the portal limits our rate: it takes no moves until 2026-11-30 00:00 UTC"
    site.answers["readyz"] = (503, json.dumps({"status": "not ready", "faults": {"limits": why}}).encode())
    (line,) = workers.check([site.url], None)
    assert (line.level, line.text) == (Level.FAILED, f"{site.url} is not ready: limits: {why}")
    assert line.mend.startswith("wait: it goes on by itself then")
