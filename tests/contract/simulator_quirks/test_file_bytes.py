"""The bytes of a file, as the real portal gave them, and as the client takes them."""

from urllib.parse import urlsplit

import pytest
import requests

from shared.docspace.client import Client
from shared.docspace.content import content
from shared.docspace.errors import ForbiddenError, NotFoundError, TooLargeError, TryLaterError
from simulator.portal import seed

BYTES = b"%PDF-1.7 and so on"


@pytest.fixture
def client(portal):
    client = Client(portal.url, portal.key, pool_size=2)
    yield client
    client.close()


@pytest.fixture
def uploaded(portal):
    return portal.upload("Rechnung ä.pdf", data=BYTES)


def address(portal, file_id):
    return portal.call("GET", f"files/file/{file_id}/presigneduri").json()["response"]


def fetched(url, key=None, method="GET", **headers):
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    with requests.Session() as session:
        return session.request(method, url, headers=headers, timeout=10)


@pytest.mark.parametrize("kind", ["simple", "chunked"])
def test_the_client_takes_the_bytes_that_were_uploaded(portal, client, kind):
    file_id = portal.upload(data=BYTES, kind=kind)
    assert content(client, file_id, 100) == BYTES


def test_a_new_version_and_a_move_are_followed(portal, client, uploaded):
    portal.upload("Rechnung ä.pdf", data=b"second")
    portal.finished(portal.move(uploaded, deleteAfter=False))
    assert content(client, portal.file(uploaded)["id"], 100) == b"second"


def test_more_than_was_asked_for_is_not_taken(portal, client):
    file_id = portal.upload(data=b"x" * 1001)
    assert len(content(client, file_id, 1001)) == 1001
    with pytest.raises(TooLargeError, match="over 1,000 bytes"):
        content(client, file_id, 1000)


def test_who_may_not_see_the_file_is_told_so(portal, client, uploaded):
    portal.own("PUT", f"simulator/rooms/{seed.CLIENT_ROOM}", json={"service": None})
    with pytest.raises(ForbiddenError):
        content(client, uploaded, 100)


def test_a_file_that_is_gone_is_told_so(portal, client, uploaded):
    portal.own("PUT", f"simulator/files/{uploaded}", json={"deleted": True})
    with pytest.raises(NotFoundError):
        content(client, uploaded, 100)


def test_a_portal_that_is_down_is_no_word_about_the_file(portal, client, uploaded):
    portal.faults(portal_down=True)
    with pytest.raises(TryLaterError):
        content(client, uploaded, 100)


def test_with_the_key_the_mark_in_the_address_is_not_looked_at(portal, uploaded):
    cut = address(portal, uploaded).partition("&stream_auth")[0]
    answer = fetched(cut, portal.key)
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "filename*=UTF-8''Rechnung%20%C3%A4.pdf" in answer.headers["Content-Disposition"]


def test_without_the_key_nobody_gets_the_bytes(portal, uploaded):
    answer = fetched(address(portal, uploaded))
    assert (answer.status_code, bool(answer.text)) == (403, True)


def test_ranges_are_served_as_they_were_there(portal, uploaded):
    url = address(portal, uploaded)
    part = fetched(url, portal.key, Range="bytes=2-5")
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, BYTES[2:6], "bytes 2-5/18")
    assert fetched(url, portal.key, Range="bytes=-3").status_code == 500
    assert fetched(url, portal.key, Range="bytes=99-").status_code == 500
    assert fetched(url, portal.key, "HEAD").headers["Content-Length"] == "18"


def test_the_key_is_sent_to_the_portal_itself_alone(portal, client, uploaded, monkeypatch):
    """Also where the portal names another host in the address."""
    elsewhere = urlsplit(address(portal, uploaded))._replace(netloc="storage.invalid").geturl()
    monkeypatch.setattr(client, "call", lambda *_: elsewhere)
    assert content(client, uploaded, 100) == BYTES


@pytest.mark.parametrize(
    "told", ["https://h/elsewhere?action=stream", "/filehandler.ashx?action=download&fileid=1"]
)
def test_an_address_of_another_kind_is_not_asked(client, uploaded, monkeypatch, told):
    monkeypatch.setattr(client, "call", lambda *_: told)
    with pytest.raises(TryLaterError, match="file handler"):
        content(client, uploaded, 100)
