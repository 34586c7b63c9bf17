"""Whom an upload is told where a rule tells the managers of its room: asked of the portal, and remembered."""

import threading
import time
from collections.abc import Callable

import structlog
from cachetools import TTLCache

from shared.docspace.errors import ForbiddenError, NotFoundError, ScopeMissingError
from shared.docspace.members import Manager
from shared.errors import PermanentError, TransientError
from shared.rules.address import each_once
from shared.rules.model import ROOM_MANAGERS, Rule
from shared.text.codes import Code
from shared.threads.batching import Once
from shared.wire.events import EntryId

TTL_S = 300.0
"""Who becomes a manager, or is none any more, is told so after this long at the latest."""
ROOMS = 4096

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Ask = Callable[[EntryId], tuple[Manager, ...]]
"""As `shared.docspace.members.Members.managers`."""


class Managers:
    """Shared by the threads of one process. Answers are kept; errors are asked again."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._asked: TTLCache[str, Once[tuple[Manager, ...]]] = TTLCache(ROOMS, TTL_S, timer=clock)

    def addresses(self, room_id: EntryId, service_user: str | None) -> tuple[str, ...]:
        """Without the service user, who is a manager in order to move files. Empty where the portal names nobody,
        be it that it hides the room. TransientError while it cannot tell.
        """
        return tuple(
            found.email
            for found in self._of(room_id)
            if found.user_id.casefold() != (service_user or "").casefold()
        )

    def _of(self, room_id: EntryId) -> tuple[Manager, ...]:
        key = str(room_id)
        with self._lock:
            asked = self._asked.get(key)
            if asked is None:
                asked = self._asked[key] = Once(lambda: self._seen(room_id))
        try:
            found = asked.result()
        except BaseException:
            self._forget(key, asked)
            raise
        if not found:  # a person may be about to put it right
            self._forget(key, asked)
        return found

    def _seen(self, room_id: EntryId) -> tuple[Manager, ...]:
        try:
            return self._ask(room_id)
        except (ForbiddenError, NotFoundError):
            return ()

    def _forget(self, key: str, asked: Once[tuple[Manager, ...]]) -> None:
        with self._lock:
            if self._asked.get(key) is asked:
                del self._asked[key]


def recipients(
    rule: Rule, room_id: EntryId | None, service_user: str | None, managers: Managers
) -> tuple[str, ...]:
    """The addresses that the rule tells of an upload to this room, each once; None: which room is not known.

    If no manager can be told, the others are. If there are no others, nobody would hear of it: PermanentError, or
    ScopeMissingError where the key may not read rooms. TransientError while the portal cannot tell.
    """
    named = tuple(address for address in rule.recipients if address != ROOM_MANAGERS)
    if len(named) == len(rule.recipients):
        return named
    if room_id is None:
        raise TransientError("which room it is in is not known, and its managers are told", code=Code.PORTAL_ERROR)
    others = bool(named or rule.notify)
    try:
        found = managers.addresses(room_id, service_user)
    except ScopeMissingError as error:
        if not others:
            raise
        found, why = (), str(error)
    else:
        why = f"the portal names no manager of room {room_id} with an e-mail address, but the service user"
    if not found and not others:
        raise PermanentError(
            f'nobody to tell: rule "{rule.name}" tells the room managers, and {why}', code=Code.NO_MANAGERS
        )
    if not found:
        log.warning("managers.not_told", rule=rule.name, room=room_id, reason=why)
    return each_once((*named, *found))
