"""Tells open pages that something changed. One look at the database every two seconds serves all of them.

A stream's address holds the cursor that its page was made at, so a page that slept, or was cut off, hears at once
what it missed. A page that is hidden ends its stream.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import falcon
import structlog
from falcon.asgi import SSEvent

from console.web.blocking import Pool
from console.web.site import RefusedError
from shared.errors import IntakeError

LOOK_EVERY_S = 2.0
LASTS_S = 600.0
"""Then the page asks anew, and is asked who it is."""
SAY_EVERY_S = 20.0
"""A sign of life, as proxies cut what is silent for a minute."""
MOST = 200

log = structlog.get_logger()


class Live:
    """For one event loop."""

    def __init__(
        self,
        position: Callable[[], str],
        pool: Pool,
        *,
        look_every_s: float = LOOK_EVERY_S,
        say_every_s: float = SAY_EVERY_S,
        most: int = MOST,
    ) -> None:
        """`position` changes whenever there is something new; it blocks, and may raise IntakeError."""
        self._position = position
        self._pool = pool
        self._look_every_s = look_every_s
        self._say_every_s = say_every_s
        self._most = most
        self._streams = 0
        self._looking: asyncio.Task[None] | None = None
        self._cursor = ""
        self._changed = asyncio.Event()
        self._ends = False

    @property
    def streams(self) -> int:
        """How many pages listen."""
        return self._streams

    def end(self) -> None:
        """All streams, and those that would begin."""
        self._ends = True
        self._changed.set()

    def changes(self, after: str) -> AsyncGenerator[SSEvent | None, None]:
        """An event with the new cursor whenever it is no longer `after`.

        HTTPServiceUnavailable where too many listen.
        """
        if self._streams >= self._most:
            raise falcon.HTTPServiceUnavailable(description="too many pages are open", retry_after=60)
        return self._changes(after)

    async def _changes(self, after: str) -> AsyncGenerator[SSEvent | None, None]:
        self._streams += 1
        try:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            ends = time.monotonic() + LASTS_S
            yield None  # a comment: the headers go out
            while time.monotonic() < ends and not self._ends:
                if self._cursor and self._cursor != after:
                    after = self._cursor
                    yield SSEvent(event="changed", text=after, event_id=after)
                changed = self._changed
                try:
                    await asyncio.wait_for(changed.wait(), self._say_every_s)
                except TimeoutError:
                    yield None
        finally:
            self._streams -= 1

    async def _look(self) -> None:
        """As long as somebody listens."""
        while self._streams and not self._ends:
            try:
                cursor = await self._pool.run(self._position)
            except (IntakeError, RefusedError) as error:
                log.info("live.not_known", reason=str(error))
            else:
                if cursor != self._cursor:
                    self._cursor = cursor
                    self._changed.set()
                    self._changed = asyncio.Event()
            await asyncio.sleep(self._look_every_s)
        self._cursor = ""
