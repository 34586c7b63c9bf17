"""Which heads of requests the ingress lets its HTTP servers parse."""

import pytest

from ingress.http import request_head

POST = b"POST /docspace/webhook HTTP/1.1\r\n"
HOST = b"Host: invoices.example\r\n"


@pytest.mark.parametrize(
    "head",
    [
        POST + b"\r\n",
        POST + HOST + b"Content-Length: 12\r\nX-DocSpace-Signature-256: sha256=AB\r\n\r\n",
        POST + HOST + b"content-length:0\t\r\n\r\n",
        POST + HOST + b"Transfer-Encoding: Chunked\r\n\r\n",
        b"GET http://invoices.example:80/docspace/webhook?a=%20 HTTP/1.0\r\nX:\r\nY: caf\xe9 \t\r\n\r\n",
        b"M-SEARCH / HTTP/1.1\r\n\r\n",
    ],
)
def test_what_a_client_may_send_has_no_fault(head: bytes) -> None:
    assert request_head.fault(head) is None


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        (b"GET /docspace/webhook\r\n\r\n", "request line"),
        (b"GET  / HTTP/1.1\r\n\r\n", "request line"),
        (b"get / HTTP/1.1\r\n\r\n", "request line"),
        (b"GET * HTTP/1.1\r\n\r\n", "request line"),
        (b"GET http://[ HTTP/1.1\r\n\r\n", "request line"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", "request line"),
        (b"GET / HTTP/1.1\n\r\n\r\n", "request line"),
        (b"\x16\x03\x01\r\n\r\n", "request line"),
        (b"GET / HTTP/2.0\r\n\r\n", "HTTP/1.0 nor"),
        (b"GET / HTTP/1.2\r\n\r\n", "HTTP/1.0 nor"),
        (POST + b"X : a\r\n\r\n", "malformed header"),
        (POST + b": a\r\n\r\n", "malformed header"),
        (POST + b"X: a\r\n b\r\n\r\n", "malformed header"),
        (POST + b"X: a\0\r\n\r\n", "malformed header"),
        (POST + b"X: a\nY: b\r\n\r\n", "malformed header"),
        (POST + b"no colon\r\n\r\n", "malformed header"),
        (POST + b"Content-Length: 1\r\nContent-length: 1\r\n\r\n", "content length"),
        (POST + b"Content-Length: 1, 1\r\n\r\n", "content length"),
        (POST + b"Content-Length: +1\r\n\r\n", "content length"),
        (POST + b"Content-Length: -1\r\n\r\n", "content length"),
        (POST + b"Content-Length: 0x1\r\n\r\n", "content length"),
        (POST + b"Content-Length:\r\n\r\n", "content length"),
        (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "content length"),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer coding"),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "transfer coding"),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer coding"),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer coding"),
    ],
)
def test_what_servers_understand_in_different_ways_has_a_fault(head: bytes, fault: str) -> None:
    assert fault in str(request_head.fault(head))
