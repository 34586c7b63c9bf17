"""The question what invoices are called, with a person who types and a room of files."""

from dataclasses import dataclass, field

import pytest

from console.setup.person import Person
from console.setup.titles_step import FILES, titles
from shared.docspace.client import Client
from shared.docspace.errors import ForbiddenError
from shared.docspace.model import FileInfo

ROOM = 86190
FOUND = ["FlipkartInvoice.pdf", "Copy of Invoice", "Invoice 1.pdf", "Rechnung 77.pdf", "Contract.pdf"]


class Room(Client):
    """Has no network: the room's titles by pages, or an error."""

    def __init__(self, titles: list[str], error: Exception | None = None) -> None:
        self.titles = titles
        self.error = error
        self.pages = 0

    def files_below(self, folder_id, *_):
        assert folder_id == ROOM
        if self.error:
            raise self.error
        files = [FileInfo(id=number, title=title, folder_id=ROOM) for number, title in enumerate(self.titles)]
        for start in range(0, len(files), 100):
            self.pages += 1
            yield files[start : start + 100]


@dataclass(frozen=True)
class Typist(Person):
    """Answers what is asked with the next of `typed`, and keeps what is told."""

    on_terminal: bool = True
    says_yes: bool = False
    by_stderr: bool = False
    typed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def tell(self, text):
        self.told.append(text + "\n")

    def answer(self, question, option, read, *, known=None, **_):  # noqa: ARG002 # the base class's names
        while True:
            try:
                return read(self.typed.pop(0) or known)
            except ValueError as error:
                self.tell(str(error))

    def agrees(self, question, **_):  # noqa: ARG002 # the base class's name
        return self.typed.pop(0) == "y"


def asked(room, *typed):
    person = Typist(typed=list(typed))
    chosen = titles(person, room, ROOM, ())
    assert not person.typed
    return chosen, "".join(person.told)


def test_each_choice_says_what_it_would_take_of_the_rooms_own_files() -> None:
    _, screen = asked(Room(FOUND), "", "y")
    lines = [line.split(maxsplit=2) for line in screen.splitlines() if line.startswith("  ") and line[2].isdigit()]
    told = {line[1]: line[2] for line in lines}
    assert told["invoice"] == '1: "Invoice 1.pdf"'
    assert told["glob:*invoice*"] == '3: "FlipkartInvoice.pdf", "Copy of Invoice", "Invoice 1.pdf"'
    assert told["glob:*rechnung*"] == '1: "Rechnung 77.pdf"'
    assert told["glob:*facture*"] == "0"
    assert told["glob:*"].startswith("5: ")
    assert told["glob:*"].endswith(", …")


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("", ()),
        ("1", ()),
        ("2", ("glob:*invoice*",)),
        ("2,3", ("glob:*invoice*", "glob:*rechnung*")),
        ("2, 2, glob:*bill*.pdf", ("glob:*invoice*", "glob:*bill*.pdf")),
        ("regex:^re-", ("regex:^re-",)),
    ],
)
def test_what_is_chosen_is_in_the_rule(typed, chosen) -> None:
    assert asked(Room(FOUND), typed, "y")[0] == chosen


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("9", "9 is none of the numbers 1 to 8"),
        ("0", "0 is none of the numbers 1 to 8"),
        (" , ", "say at least one"),
        ("regex:(", "is not a regular expression"),
        ("glob:", "an empty glob"),
    ],
)
def test_what_means_nothing_is_asked_for_again(typed, why) -> None:
    chosen, screen = asked(Room(FOUND), typed, "2", "y")
    assert why in screen
    assert chosen == ("glob:*invoice*",)


def test_a_choice_is_shown_with_what_it_takes_before_it_is_kept() -> None:
    chosen, screen = asked(Room(FOUND), "glob:*contract*", "n", "3", "y")
    assert '  glob:*contract*: 1: "Contract.pdf"' in screen
    assert chosen == ("glob:*rechnung*",)


def test_of_a_large_room_the_newest_are_looked_at() -> None:
    room = Room([f"Invoice {number}.pdf" for number in range(FILES + 50)])
    _, screen = asked(room, "", "y")
    assert f"Of the {FILES} newest files in the room" in screen
    assert room.pages == FILES / 100


def test_an_empty_room_and_one_that_cannot_be_listed_are_asked_about_all_the_same() -> None:
    assert "The room is empty" in asked(Room([]), "2", "y")[1]
    chosen, screen = asked(Room([], ForbiddenError("Access denied")), "2", "y")
    assert "the room's files cannot be listed: Access denied" in screen
    assert chosen == ("glob:*invoice*",)


def test_the_options_are_not_asked_about_and_without_a_terminal_the_default_stands() -> None:
    quiet = Person(on_terminal=False, says_yes=False, by_stderr=False)
    cases: list[tuple[Person, tuple[str, ...]]] = [(Typist(), ("glob:*bill*",)), (quiet, ())]
    for person, given in cases:
        assert titles(person, Room(FOUND), ROOM, given) == given
