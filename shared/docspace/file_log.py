"""What was done to a file and by whom, as the portal's log tells: `GET files/file/{id}/log`.

Routes and names as in DocSpace 3.7.2's HistoryService and ActionInterpreter; tests/recorded/read-file-log.json. Its
rows name no version, and their `date` is wrong by the portal's offset: only their order says something.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec.json import Decoder

from shared.docspace.client import Client
from shared.docspace.field import ABSENT, Field, reader, text
from shared.docspace.ids import is_own_storage
from shared.docspace.wire import readable
from shared.wire.events import EntryId

BIRTHS = frozenset({"FileCreated", "FileUploaded", "FileCopied", "FileConverted"})
"""An id may have been another file's before: its rows stand below the newest of these."""
NEW_VERSION = "UserFileUpdated"
"""So the portal shows an upload over a file, a restored version and what the editor saved."""
COUNT = 100
"""Rows of one page, the portal's maximum: no more are asked for."""
LOST = "4a515a15-d4d6-4b8e-828e-e0586f18f3a3"
"""The id that stands for every user who was deleted (tests/recorded/more-file-of-deleted-user.json)."""


@dataclass(frozen=True, slots=True)
class Act:
    """One row."""

    action: str
    user_id: str
    user_name: str | None = None


class _Action(msgspec.Struct):
    key: Field = ABSENT


class _Initiator(msgspec.Struct, rename="camel"):
    id: Field = ABSENT
    display_name: Field = ABSENT


class _Row(msgspec.Struct):
    action: Field
    initiator: Field = ABSENT


_action = reader(Decoder(_Action))
_initiator = reader(Decoder(_Initiator))


def file_log(client: Client, file_id: EntryId) -> tuple[Act, ...]:
    """The newest first, at most COUNT; none of a file in third-party storage, of which the portal keeps no log.

    It raises what a read of the client's raises; repeating it is safe.
    """
    if not is_own_storage(file_id):
        return ()
    rows = client.call("GET", f"files/file/{file_id}/log", list[Field], params={"count": COUNT})
    return tuple(map(_act, readable(rows, _Row)))


def uploader(acts: Sequence[Act], version: int) -> Act | None:
    """Who uploaded that version, which is the newest; None where the log does not tell. Pure.

    The n-th upload made the n-th version. Where an editor saved one version twice there are more of them, and only
    what is the same of all is sure. A user who was deleted since is nobody.
    """
    if len(acts) >= COUNT:
        return None  # its beginning is not there to count from
    birth = next((place for place, act in enumerate(acts) if act.action in BIRTHS), None)
    if birth is None:
        return None
    versions = [act for act in acts[birth::-1] if act.action in BIRTHS or act.action == NEW_VERSION]
    found = versions[-1]
    sure = len(versions) == version or (len(versions) > version and len({act.user_id for act in versions}) == 1)
    return found if sure and found.user_id and found.user_id.casefold() != LOST else None


def _act(row: _Row) -> Act:
    initiator = _initiator(row.initiator) or _Initiator()
    return Act(
        action=text((_action(row.action) or _Action()).key) or "",
        user_id=text(initiator.id) or "",
        user_name=text(initiator.display_name) or None,
    )
