"""The newest upload that the portal shows in the rules' rooms and destinations."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from console.doctor.webhook_log import Upload
from shared.deciding.fitting import with_fitting
from shared.docspace.model import FolderInfo, FolderPage
from shared.errors import IntakeError
from shared.rules.ids import entry_id
from shared.rules.model import RuleSet
from shared.wire.events import EntryId

LOOKED_AT = 25
"""Entries of each folder, the last changed first: a file that is moved keeps its times."""
MOST = 100
"""Folders that are looked into, a call each: those that the rules name, then the rooms that fit by name or tag."""


class Portal(Protocol):
    def folder_page(self, folder_id: EntryId, start: int, /, *, count: int) -> FolderPage: ...


def last_upload(
    portal: Portal, rules: RuleSet, every_room: Callable[[], Iterable[FolderInfo]] = lambda: ()
) -> Upload | None:
    """A page of each folder is asked for; one that cannot be seen is left out. By `created`: a rename is none.

    `every_room` lists the portal's, for rules by name or tag.
    """
    found = [
        Upload(file.title, file.created_at)
        for page in _pages(portal, [*_named(rules), *_fitting(rules, every_room)])
        for file in page.files
        if file.created_at is not None
    ]
    return max(found, key=lambda upload: upload.at, default=None)


def _pages(portal: Portal, folders: Iterable[EntryId]) -> Iterator[FolderPage]:
    for folder in list(dict.fromkeys(folders))[:MOST]:
        try:
            yield portal.folder_page(folder, 0, count=LOOKED_AT)
        except IntakeError:
            continue  # the area rooms says why


def _fitting(rules: RuleSet, every_room: Callable[[], Iterable[FolderInfo]]) -> Iterator[EntryId]:
    """By name or tag; none where the key may not list rooms, as the area rooms says."""
    if not rules.by_room_tests:
        return
    try:
        rooms = tuple(every_room())
    except IntakeError:
        return
    for rule in with_fitting(rules, rooms).enabled:
        yield from map(entry_id, rule.rooms)


def _named(rules: RuleSet) -> Iterator[EntryId]:
    for rule in rules.enabled:
        yield from map(entry_id, rule.rooms)
        yield rule.destination
