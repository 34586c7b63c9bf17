"""What the client's invoices are called: each usual choice with what it would take of the files in the room."""

import itertools
from collections.abc import Iterator, Sequence

from console.setup.person import Person
from shared.docspace.client import Client
from shared.errors import IntakeError
from shared.rules.titles import title_test
from shared.text.outside import cell
from shared.wire.events import EntryId

USUAL = (
    "invoice", "glob:*invoice*", "glob:*rechnung*", "glob:*facture*", "glob:*factura*", "glob:*factuur*",
    "glob:*fattura*", "glob:*",
)  # fmt: skip
"""The first is a rule's own default. Of 1,015 names of invoices in six public collections it takes one, and 81 more
hold the word."""
FILES = 300
"""Of the room, the last changed first: three pages, and more than a person wants to judge by."""
SHOWN = 3


def titles(person: Person, client: Client, room: EntryId, given: tuple[str, ...]) -> tuple[str, ...]:
    """As the options say; else what a person chooses. Empty: the default, where nobody can be asked."""
    if given or not person.on_terminal:
        return given
    seen = _seen(person, client, room)
    person.tell("\nWhat are the invoices called? " + _of(seen))
    for number, written in enumerate(USUAL, start=1):
        person.tell(f"  {number}  {written:<16} {_taken(written, seen)}")
    while True:
        wanted = person.answer(
            "Numbers, or words of your own such as glob:*bill*.pdf (several: with commas)",
            "--title",
            _read,
            known="1",
        )
        person.tell("\n".join(f"  {written}: {_taken(written, seen)}" for written in wanted))
        if person.agrees("Take these?"):
            return () if wanted == USUAL[:1] else wanted


def _seen(person: Person, client: Client, room: EntryId) -> list[str]:
    """Nothing, where the room's files cannot be listed: the question is asked all the same."""
    try:
        files = itertools.chain.from_iterable(client.files_below(room))
        return [file.title for file in itertools.islice(files, FILES)]
    except IntakeError as error:
        person.tell(f"  the room's files cannot be listed: {error}")
        return []


def _of(seen: Sequence[str]) -> str:
    if not seen:
        return "The room is empty, so there is nothing to compare with."
    newest = " newest" if len(seen) == FILES else ""
    return f"Of the {len(seen)}{newest} files in the room each choice would take:"


def _taken(written: str, seen: Sequence[str]) -> str:
    pattern = title_test(written)
    taken = [title for title in seen if pattern.matches(title)]
    examples = ", ".join(f'"{cell(title)}"' for title in dict.fromkeys(taken[:SHOWN]))
    return f"{len(taken)}" + (f": {examples}" if examples else "") + (", …" if len(taken) > SHOWN else "")


def _read(text: str) -> tuple[str, ...]:
    """ValueError for a number that is none of the list, and for what is no pattern."""
    found = tuple(dict.fromkeys(_patterns(text)))
    if not found:
        raise ValueError("say at least one")
    return found


def _patterns(text: str) -> Iterator[str]:
    for part in filter(None, map(str.strip, text.split(","))):
        if part.isdecimal():
            if not 1 <= int(part) <= len(USUAL):
                raise ValueError(f"{part} is none of the numbers 1 to {len(USUAL)}")
            yield USUAL[int(part) - 1]
        else:
            title_test(part)
            yield part
