"""Answers that have no end, or come from a portal that cannot stop: each call ends, in bounded memory and time."""

import gzip
import ssl
import time
import tracemalloc

import pytest
import trustme

from shared.docspace import deadline, reply
from shared.docspace.client import Client
from shared.docspace.errors import RefusedError, UnreachableError
from tests.support.dripping import CHUNKED, OK, Server, chunk, endless

KEY = "sk-very-secret"
BROKEN = OK.replace(b"200 OK", b"502 Bad Gateway")
FILE = b'{"response":{"id":7,"folderId":1,"title":"Invoice.pdf"}}'
SMALL, SOON_S = 1024 * 1024, 1.0
"""In the place of the bounds, so that a test need not make as much, nor wait as long."""


def packed(body):
    content = gzip.compress(body)
    return OK + f"Content-Encoding: gzip\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


BLANKS = b" " * 65536
BOMB = packed(BLANKS * 800)
TOO_BIG = {
    "a length that is told": endless(OK + b"Content-Length: 314572800\r\n\r\n", BLANKS),
    "no length, until it closes": endless(OK + b"Connection: close\r\n\r\n", BLANKS),
    "chunks without end": endless(CHUNKED, chunk(BLANKS)),
    "an error page": endless(BROKEN + b"Content-Length: 314572800\r\n\r\n", BLANKS),
    "packed": lambda: iter([BOMB]),
}  # fmt: skip


def client(server, timeout_s=15.0):
    return Client(server.url, KEY, pool_size=1, timeout_s=(3.0, timeout_s))


@pytest.mark.parametrize("pieces", TOO_BIG.values(), ids=TOO_BIG.keys())
def test_an_answer_that_is_too_big_is_read_no_further(pieces, monkeypatch) -> None:
    monkeypatch.setattr(reply, "MOST_BYTES", SMALL)
    server = Server(pieces)
    tracemalloc.start()
    try:
        with pytest.raises(UnreachableError, match="the answer is over 1 MiB") as raised:
            client(server).file(7)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raised.value.maybe_done
    assert most < 8 * SMALL


@pytest.mark.parametrize("first", [OK + b"Content-Length: 1000000\r\n\r\n", CHUNKED], ids=["told", "chunked"])
def test_an_answer_that_comes_byte_by_byte_ends(first, monkeypatch) -> None:
    monkeypatch.setattr(reply, "LONGEST_S", SOON_S)
    server = Server(endless(first, chunk(b" ") if first is CHUNKED else b" "), every_s=0.05)
    with pytest.raises(UnreachableError, match="did not end within 1 s"):
        client(server).file(7)


SLOW = {
    "its status": endless(b"", b"H"),
    "a header": endless(OK + b"X-Slow: ", b"x"),
    "headers": endless(OK, b"X-Slow: x\r\n"),
    "answers before the answer": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a chunk's size": endless(CHUNKED, b"0"),
    "a trailer": endless(CHUNKED + chunk(FILE) + b"0\r\nX-Slow: ", b"x"),
}


@pytest.mark.parametrize("pieces", SLOW.values(), ids=SLOW.keys())
def test_an_answer_that_drips_within_a_line_ends_too(pieces, monkeypatch) -> None:
    """Each byte comes long before the socket's own timeout."""
    monkeypatch.setattr(reply, "LONGEST_S", 0.5)
    monkeypatch.setattr(deadline, "GRACE_S", 0.0)
    server, began = Server(pieces, every_s=0.05), time.monotonic()
    with pytest.raises(UnreachableError, match=r"did not (answer GET files/file/7 in time|end within)") as raised:
        client(server, timeout_s=0.5).file(7)
    assert raised.value.maybe_done
    assert time.monotonic() - began < 10


def test_over_tls_too(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = Server(SLOW["a header"], every_s=0.05, tls=tls)
    url, began = server.url.replace("http:", "https:"), time.monotonic()
    with pytest.raises(UnreachableError, match="did not answer GET files/file/7 in time"):
        Client(url, KEY, pool_size=1, timeout_s=(3.0, 0.5), ca_file=tmp_path / "ca.pem").file(7)
    assert time.monotonic() - began < 10


def test_a_proxys_answer_that_drips_ends_too(monkeypatch) -> None:
    server = Server(endless(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"), every_s=0.05)
    monkeypatch.setenv("https_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        Client("https://portal.example", KEY, pool_size=1, timeout_s=(0.5, 0.5)).file(7)
    assert time.monotonic() - began < 10


def test_a_body_may_take_longer_than_any_of_its_parts() -> None:
    body = FILE.ljust(100)
    pieces = [OK + b"Content-Length: 100\r\n\r\n", *(body[at : at + 5] for at in range(0, 100, 5))]
    server = Server(lambda: iter(pieces), every_s=0.05)
    asking = client(server, timeout_s=0.4)
    assert [asking.file(7).title for _ in range(2)] == ["Invoice.pdf"] * 2
    assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (OK + b"Content-Length: 100\r\n\r\n{", "did not answer GET files/file/7 in time"),
        (CHUNKED + b"nonsense\r\n", "broke during GET files/file/7"),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone", "broke during GET files/file/7"),
    ],
    ids=["a half", "chunks that are none", "packed in name alone"],
)
def test_an_answer_that_breaks_off_or_cannot_be_read_is_no_answer(answer, said) -> None:
    with pytest.raises(UnreachableError, match=said) as raised:
        client(Server(lambda: iter([answer])), timeout_s=0.5).file(7)
    assert raised.value.maybe_done


@pytest.mark.parametrize(
    "answer",
    [
        OK + f"Content-Length: {len(FILE)}\r\n\r\n".encode() + FILE,
        CHUNKED + chunk(FILE[:10]) + chunk(FILE[10:]) + b"0\r\n\r\n",
        packed(FILE),
    ],
    ids=["told", "chunked", "packed"],
)
def test_what_ends_is_read_whole_and_its_connection_used_again(answer) -> None:
    server = Server(lambda: iter([answer]))
    asking = client(server)
    assert [asking.file(7).title for _ in range(3)] == ["Invoice.pdf"] * 3
    assert server.connections == 1


@pytest.mark.parametrize("entry_id", ["..", ".", ""])
def test_an_id_that_leads_to_another_route_is_refused_without_asking(entry_id) -> None:
    server = Server(lambda: iter([OK + b"Content-Length: 2\r\n\r\n{}"]))
    asking = client(server)
    for ask in (asking.file, asking.folder, asking.folder_path, lambda folder: asking.folder_page(folder, 0)):
        with pytest.raises(RefusedError, match="is no id of a file or folder"):
            ask(entry_id)
    assert server.connections == 0
