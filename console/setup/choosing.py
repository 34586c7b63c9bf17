"""Picks a room or a folder by its name: from a list on a terminal, or by the name that a script gives."""

import contextlib
from collections.abc import Callable, Mapping

from console.setup.person import Person
from shared.docspace.errors import NotFoundError, RefusedError, UnexplainedError
from shared.docspace.model import FolderInfo
from shared.docspace.pages import PAGE
from shared.docspace.places import Page
from shared.rules.ids import entry_id, is_address
from shared.text.outside import cell
from shared.wire.events import EntryId

PER_PAGE = 10
"""What a person takes in at a glance."""

Find = Callable[[str, int, int], Page]
"""Those whose title holds the text, from the so-manieth on, so many."""


class ChoiceError(Exception):
    """What was chosen is not there, or cannot be; `str()` says why, and what there is."""

    def __init__(self, sentence: str, *, none_at_all: bool = False) -> None:
        super().__init__(sentence)
        self.none_at_all = none_at_all


def choose(person: Person, heading: str, find: Find, extras: Mapping[str, str] | None = None) -> FolderInfo | str:
    """What a person picks, or the letter of one of `extras`."""
    text, start = "", 0
    extras = extras or {}
    while True:
        page = find(text, start, PER_PAGE)
        person.tell(f"\n{heading}" + (f' with "{text}" in the name' if text else ""))
        for number, folder in enumerate(page.folders, start=start + 1):
            person.tell(f"  {number:>3}  {cell(folder.title)}")
        for letter, meaning in extras.items():
            person.tell(f"  {letter:>3}  {meaning}")
        rest = page.total - start - len(page.folders)
        more = f", Enter for {rest} more" if rest > 0 else ", Enter for all from the start" if text or start else ""
        typed = person.line(f"A number, part of a name{more}")
        if typed in extras:
            return typed
        if typed.isdecimal() and start < int(typed) <= start + len(page.folders):
            return page.folders[int(typed) - start - 1]
        if typed:
            text, start = typed, 0
        elif rest > 0:
            start += len(page.folders)
        else:
            text, start = "", 0


def named(text: str, find: Find, what: str, by_id: Callable[[EntryId], FolderInfo] | None = None) -> FolderInfo:
    """By its whole title in any case, or with `by_id` by its id. Raises the portal's errors, and ChoiceError."""
    try:
        id_ = entry_id(text)
    except ValueError as error:
        if is_address(text):
            raise ChoiceError(f"{text} {error}") from None
        id_ = text.strip()  # a name without a letter
    if by_id and isinstance(id_, int):
        with contextlib.suppress(NotFoundError):  # a title may be a number too
            return by_id(id_)
    held = _all(find, text.strip())
    same = [folder for folder in held if folder.title.strip().casefold() == text.strip().casefold()]
    if len(same) == 1:
        return same[0]
    if same:
        ids = ", ".join(str(folder.id) for folder in same)
        raise ChoiceError(f'more than one {what} is called "{text}": say which by its id, {ids}')
    if by_id and isinstance(id_, str):
        with contextlib.suppress(RefusedError, UnexplainedError):  # third-party storage has texts for ids
            return by_id(id_)
    near = ", ".join(f'"{folder.title}"' for folder in held[:PER_PAGE])
    told = f'there is no {what} "{text}" that the service user may see' + (f"; there is {near}" if near else "")
    raise ChoiceError(told, none_at_all=True)


def _all(find: Find, text: str) -> list[FolderInfo]:
    held: list[FolderInfo] = []
    while True:
        page = find(text, len(held), PAGE)
        held += page.folders
        if not page.folders or len(held) >= page.total:
            return held
