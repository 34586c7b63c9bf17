"""The newest upload that the portal shows in the rules' rooms and destinations."""

from collections.abc import Iterator
from typing import Protocol

from console.doctor.webhook_log import Upload
from shared.docspace.model import FolderPage
from shared.errors import IntakeError
from shared.rules.ids import entry_id
from shared.rules.model import RuleSet
from shared.wire.events import EntryId

LOOKED_AT = 25
"""Entries of each folder, the last changed first: a file that is moved keeps its times."""


class Portal(Protocol):
    def folder_page(self, folder_id: EntryId, start: int, /, *, count: int) -> FolderPage: ...


def last_upload(portal: Portal, rules: RuleSet) -> Upload | None:
    """A page of each folder is asked for; one that cannot be seen is left out. By `created`: a rename is none."""
    found = [
        Upload(file.title, file.created_at)
        for page in _pages(portal, rules)
        for file in page.files
        if file.created_at is not None
    ]
    return max(found, key=lambda upload: upload.at, default=None)


def _pages(portal: Portal, rules: RuleSet) -> Iterator[FolderPage]:
    for folder in dict.fromkeys(_folders(rules)):
        try:
            yield portal.folder_page(folder, 0, count=LOOKED_AT)
        except IntakeError:
            continue  # the area rooms says why


def _folders(rules: RuleSet) -> Iterator[EntryId]:
    for rule in rules.enabled:
        yield from map(entry_id, rule.rooms)
        yield rule.destination
