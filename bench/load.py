"""Posts one signed webhook again and again over keep-alive connections, from one asyncio thread."""

import asyncio
import time


async def _client(port: int, request: bytes, until: float, took_s: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.perf_counter() < until:
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = head.split(b" ", 2)[1]
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            if status != b"200":
                raise RuntimeError(f"the answer was {status.decode()}")
            took_s.append(time.perf_counter() - started)
    finally:
        writer.close()


async def _load(port: int, request: bytes, connections: int, seconds: float) -> list[float]:
    took_s: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_client(port, request, until, took_s) for _ in range(connections)))
    return took_s


def load(
    port: int, method: str, headers: dict[str, str], body: bytes, *, connections: int, seconds: float
) -> list[float]:
    """The seconds that each answered request took."""
    lines = [f"{method} /docspace/webhook HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return asyncio.run(_load(port, request, connections, seconds))
