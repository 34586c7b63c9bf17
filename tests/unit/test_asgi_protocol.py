"""What uvicorn writes with, on its own event loop and a real socket."""

import asyncio
import socket
from typing import Any

import uvloop

from ingress.http.asgi_protocol import Joined


def written(*pieces: bytes, gone: bool = False) -> tuple[bytes, list[dict[str, Any]]]:
    """What the other end got, and the loop's complaints."""
    ours, theirs = socket.socketpair()
    complaints: list[dict[str, Any]] = []

    async def write() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        joined = Joined(transport)
        if gone:
            transport.abort()
            await asyncio.sleep(0.05)  # the loop has closed it by then
        for piece in pieces:
            joined.write(piece)
        await asyncio.sleep(0.05)
        joined.close()

    with theirs:
        uvloop.run(write())
        return theirs.recv(1000), complaints


def test_head_and_body_arrive() -> None:
    assert written(b"head", b"body") == (b"headbody", [])


def test_what_is_written_to_a_client_that_has_gone_does_no_harm() -> None:
    assert written(b"head", b"body", gone=True) == (b"", [])
