"""Asks the portal in the background whether the configuration fits it: the key, the folders, the rooms.

Readiness shows the answer. An unreachable portal is logged but is no fault: the work waits on the ladder either
way, and a restart would not help.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from shared.docspace.errors import ForbiddenError, NotFoundError, PortalFaultError, RefusedError
from shared.docspace.folders import FORMS_ALONE, takes_forms_alone, unusable
from shared.docspace.model import FolderInfo
from shared.docspace.state import Fault, State, missing
from shared.errors import TransientError
from shared.threads import vital
from shared.threads.vital import Then
from shared.wire.events import EntryId

EVERY_S = 60.0
"""While all is well; a revoked key is noticed by the work itself long before."""

EVERY_S_FAILING = 5.0
"""While it is not, so that a repaired setting shows soon."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Portal(Protocol):
    def state(self) -> State: ...
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...


Question = tuple[EntryId, str]
"""A folder or room that the key's user must see, and a label that says where it was configured."""


@dataclass(frozen=True, slots=True)
class _Answer:
    fault: str | None = None
    unreachable: str | None = None


class PortalProbe:
    """`check` is a readiness check: it answers at once with what the last definite round found.

    Of `destinations` it also asks whether the user may move files there. The key must have the permissions in
    `needs`.
    """

    def __init__(
        self,
        client: Portal,
        questions: Sequence[Question],
        *,
        destinations: Sequence[Question] = (),
        needs: Sequence[str] = (),
        every_s: float = EVERY_S,
        every_s_failing: float = EVERY_S_FAILING,
    ) -> None:
        self._client = client
        self._questions = tuple(questions)
        self._destinations = tuple(destinations)
        self._needs = tuple(needs)
        self._every_s = every_s
        self._every_s_failing = every_s_failing
        self._stop = threading.Event()
        self._last: _Answer | None = None
        self._fault: str | None = None

    def ask_about(self, questions: Sequence[Question], destinations: Sequence[Question] = ()) -> None:
        """Others from the next round on."""
        self._questions, self._destinations = tuple(questions), tuple(destinations)

    def check(self) -> str | None:
        """The configuration's fault in one sentence, or None; None too before the portal first answered."""
        return self._fault

    def start(self) -> None:
        vital.start("portal-probe", self._run, then=Then.RESTART)

    def stop(self) -> None:
        """Ends the thread after the request that is under way; does not wait for it."""
        self._stop.set()

    def ask(self) -> bool:
        """One round, on the caller's thread: True if the portal answered and nothing is wrong."""
        answer = self._round()
        if answer.unreachable is None:
            self._fault = answer.fault
        if answer != self._last:
            self._last = answer
            if answer.fault:
                log.error("portal.fault", reason=answer.fault)
            elif answer.unreachable:
                log.warning("portal.unreachable", reason=answer.unreachable)
            else:
                log.info("portal.ready")
        return answer == _Answer()

    def _run(self) -> None:
        fine = self.ask()
        while not self._stop.wait(self._every_s if fine else self._every_s_failing):
            fine = self.ask()

    def _round(self) -> _Answer:
        now = self._client.state()
        if now.fault is Fault.UNREACHABLE:
            return _Answer(unreachable=now.reason)
        if now.fault:
            return _Answer(fault=now.reason)
        lacking = now.lacks(*self._needs)
        try:
            faults = [missing(lacking) if lacking else None]
            faults += [self._fault_of(question) for question in self._questions]
            faults += [self._fault_of_destination(question) for question in self._destinations]
        except PortalFaultError as error:
            return _Answer(fault=str(error))
        except TransientError as error:
            return _Answer(unreachable=str(error))
        except RefusedError as error:
            return _Answer(fault=f"the portal does not answer as DocSpace does: check DOCSPACE_API_HOST ({error})")
        return _Answer(fault="; ".join(fault for fault in faults if fault) or None)

    def _fault_of(self, question: Question) -> str | None:
        found = self._folder(*question)
        if isinstance(found, str):
            return found
        why = unusable(found)
        return f"folder {question[0]} ({question[1]}) {why}" if why else None

    def _fault_of_destination(self, question: Question) -> str | None:
        found = self._folder(*question)
        if isinstance(found, str):
            return found
        folder_id, label = question
        why = unusable(found)
        if why is None and takes_forms_alone(self._client.folder_path(folder_id)):
            why = FORMS_ALONE
        if why is None and (found.can_create is False or found.can_move_to is False):
            why = "takes no files of the service user: make it room manager or content creator there"
        return f"folder {folder_id} ({label}) {why}" if why else None

    def _folder(self, folder_id: EntryId, label: str) -> FolderInfo | str:
        try:
            return self._client.folder(folder_id)
        except NotFoundError:
            return f"folder {folder_id} ({label}) does not exist on the portal (404)"
        except ForbiddenError:
            return (
                f"folder {folder_id} ({label}) is hidden from the service user (403): "
                "it is no member of that room, or the folder is in a trash"
            )
