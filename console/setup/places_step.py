"""Where invoices come from and where they go: rooms and folders by name, on a terminal or from the options."""

from collections.abc import Callable
from dataclasses import dataclass

from console.setup.choosing import ChoiceError, Find, choose, named
from console.setup.given import Given
from console.setup.person import Person
from shared.docspace.client import Client
from shared.docspace.errors import ForbiddenError, ScopeMissingError
from shared.docspace.folders import FORMS_ALONE, takes_forms_alone, unusable
from shared.docspace.model import FolderInfo
from shared.docspace.places import TITLE_MAX, Page, Places
from shared.rules.ids import entry_id

INCOMING = "Incoming"
HERE, NEW = ".", "n"
EXTRAS = {HERE: "this one itself", NEW: "a new folder here"}
ID = "it is the number in its address in the browser, .../rooms/shared/86190/..."


@dataclass(frozen=True, slots=True)
class Destination:
    """A folder that is there or, with a `new_title`, one to be made in it."""

    folder: FolderInfo
    path: tuple[str, ...]
    """The folder's title, and of those that led to it."""
    new_title: str = ""

    @property
    def title(self) -> str:
        return "/".join((*self.path, self.new_title) if self.new_title else self.path)


class RoomsHiddenError(ChoiceError):
    """The key may not list rooms, so none can be chosen by its name."""


class UnfitError(ChoiceError, ValueError):
    """It is there, and of no use: archived, in a trash, for forms alone. As a ValueError it is asked for again."""


Fault = Callable[[FolderInfo], str | None]
"""Why a folder cannot be taken, as the end of a sentence that begins with its name."""


class PlacesStep:
    """Raises the errors of `shared.docspace.errors`, and ChoiceError for a name that leads nowhere."""

    def __init__(self, person: Person, client: Client) -> None:
        self._person = person
        self._client = client
        self._places = Places(client)

    def room(self, given: Given) -> FolderInfo:
        if given.room is not None:
            return _sound(named(given.room, self._rooms, "room", self._client.folder), unusable)
        return self._pick_room("The client's room, where invoices are uploaded", "--room", unusable)

    def destination(self, given: Given) -> Destination:
        if given.incoming is not None:
            return self._at(given.incoming, creates=given.create_incoming)
        question = "The room that invoices are filed in, such as the accountant's"
        return self._folder_in(self._pick_room(question, "--incoming", self._takes_nothing))

    def _pick_room(self, question: str, option: str, fault: Fault) -> FolderInfo:
        if not self._person.on_terminal:
            self._person.refuse(f"{question}? There is no terminal to ask on: say it with {option}")
        while True:
            try:
                picked = choose(self._person, question, self._rooms)
                assert isinstance(picked, FolderInfo)  # noqa: S101 - there were no extras
                return _sound(picked, fault)
            except RoomsHiddenError as error:
                self._person.tell(f"\n{error}")
                return self._person.answer(
                    f"{question}, by id ({ID})",
                    option,
                    lambda text: _sound(self._client.folder(entry_id(text)), fault),
                )
            except UnfitError as error:
                self._person.tell(f"  {error}")

    def _folder_in(self, room: FolderInfo) -> Destination:
        at = room
        path: tuple[str, ...] = (room.title,)
        while at is room or self._places.folders(at.id, count=1).total:
            heading = f'The folder in "{at.title}" that invoices go to'
            picked = choose(self._person, heading, self._folders_in(at), EXTRAS)
            if picked == HERE:
                break
            if not isinstance(picked, FolderInfo):
                return Destination(at, path, self._person.answer("Its name", "--incoming", _title, known=INCOMING))
            at, path = picked, (*path, picked.title)
        return Destination(at, path)

    def _at(self, text: str, *, creates: bool) -> Destination:
        """An id, its page's address, or `Room/Folder/Folder`."""
        first, *rest = [text] if "://" in text else [part.strip() for part in text.split("/")]
        at = named(first, self._rooms, "room", self._client.folder)
        path: tuple[str, ...] = (at.title,)
        for depth, title in enumerate(rest, start=1):
            try:
                found = named(title, self._folders_in(at), f'folder in "{at.title}" with the name')
            except ChoiceError as error:
                if depth < len(rest) or not error.none_at_all:
                    raise
                if not creates:
                    raise ChoiceError(f"{error}; --create-incoming makes it") from None
                return Destination(_sound(at, self._takes_nothing), path, _title(title))
            at, path = found, (*path, found.title)
        return Destination(_sound(at, self._takes_nothing), path)

    def _takes_nothing(self, folder: FolderInfo) -> str | None:
        """Why no invoice can be filed there, whatever the rights are."""
        why = unusable(folder)
        if why is None and takes_forms_alone(self._client.folder_path(folder.id)):
            return FORMS_ALONE
        return why

    def _rooms(self, text: str, start: int, count: int) -> Page:
        try:
            return self._places.rooms(text, start=start, count=count)
        except (ForbiddenError, ScopeMissingError):
            raise RoomsHiddenError(
                "this key may not list rooms: give it rooms:read, or say the room's id"
            ) from None

    def _folders_in(self, parent: FolderInfo) -> Find:
        return lambda text, start, count: self._places.folders(parent.id, text, start=start, count=count)


def _sound(folder: FolderInfo, fault: Fault) -> FolderInfo:
    why = fault(folder)
    if why:
        raise UnfitError(f'"{folder.title}" {why}')
    return folder


def _title(text: str) -> str:
    if not text.strip() or len(text) > TITLE_MAX or not text.isprintable():
        raise ValueError(f"a folder's name has 1 to {TITLE_MAX} characters")
    return text.strip()
