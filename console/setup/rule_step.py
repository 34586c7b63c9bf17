"""One more client: the room, the folder and who is told, with the rights looked at before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from console.doctor import rooms
from console.doctor.line import Level
from console.setup.choosing import ChoiceError
from console.setup.given import Given, Known
from console.setup.person import Person
from console.setup.places_step import Destination, PlacesStep
from console.setup.rules_text import NewRule, free_name
from console.setup.titles_step import titles
from console.terminal.table import plain
from shared.deciding.fitting import as_ruled
from shared.docspace.client import Client
from shared.docspace.model import FolderInfo
from shared.docspace.places import Places
from shared.errors import IntakeError
from shared.rules.faults import faults
from shared.rules.ids import id_text
from shared.rules.model import Rule, RuleSet
from shared.wire.events import EntryId


@dataclass(frozen=True, slots=True)
class Addition:
    """A rule that is wanted; its folder may not be there yet."""

    room: FolderInfo
    destination: Destination
    recipients: tuple[str, ...]
    titles: tuple[str, ...]
    name: str

    def rule(self) -> Rule:
        """As far as it can be told before its folder is made: until then the folder above stands for it."""
        return _rule(self.recipients, self.titles, self.name, self.room.id, self.destination.folder.id)

    def made(self, places: Places) -> NewRule:
        """With the folder made, where it was not there."""
        folder = self.destination.folder
        if self.destination.new_title:
            folder = places.create_folder(folder.id, self.destination.new_title)
        return NewRule(
            self.name,
            self.room.id,
            self.room.title,
            folder.id,
            self.destination.title,
            self.recipients,
            self.titles,
        )


def addition(person: Person, given: Given, known: Known, client: Client) -> Addition | None:
    """None where the rules stay as they are."""
    before = known.rules
    if before is not None:
        person.tell(f"\nThe rules in force, in {known.rules_file}:\n\n{plain(before)}\n")
        wanted = given.add_rule or given.room is not None
        if not wanted and not (person.on_terminal and person.agrees("Add another client?", default=False)):
            return None
    while True:
        try:
            found = _asked(person, given, before, client)
        except (ChoiceError, IntakeError) as error:
            if not person.on_terminal or given.room is not None or given.incoming is not None:
                person.give_up(str(error))
            person.tell(f"  {error}")
            person.line("Press Enter to choose again")
            continue
        if found is None or _has_the_rights(person, client, found):
            return found


def _asked(person: Person, given: Given, before: RuleSet | None, client: Client) -> Addition | None:
    step = PlacesStep(person, client)
    room = step.room(given)
    destination = step.destination(given)
    if not destination.new_title and id_text(destination.folder.id) == id_text(room.id):
        raise ChoiceError("the room is where the invoices are uploaded: they cannot be filed in it too")
    wanted = titles(person, client, room.id, given.titles)
    recipients = person.answer(
        "Who is told, by e-mail (several: with commas)", "--recipient", _recipients,
        given=",".join(given.recipients) or None,
    )  # fmt: skip
    rules = before.rules if before else ()
    name = free_name(given.name or room.title, [rule.name for rule in rules])
    found = Addition(room, destination, recipients, wanted, name)
    try:
        same = _same(found.rule(), room, rules)
    except ValidationError as error:
        person.refuse("; ".join(str(fault) for fault in faults(error)))
    if same is None:
        return found
    if not destination.new_title and _says(same) == _says(found.rule()):
        person.tell(f'\nThe rule "{same.name}" says just this already.')
        return None
    raise ChoiceError(
        f'the rule "{same.name}" takes these titles from that room already: change it in the rules file'
    )


def _same(wanted: Rule, room: FolderInfo, rules: Sequence[Rule]) -> Rule | None:
    """The rule that would take what the wanted one is to take, and leave it nothing."""
    return next(
        (rule for rule in rules if rule.enabled and _takes(rule, room) and set(wanted.titles) & set(rule.titles)),
        None,
    )


def _takes(rule: Rule, room: FolderInfo) -> bool:
    return id_text(room.id) in rule.rooms or rule.fitting(as_ruled(room)) is not None


def _says(rule: Rule) -> tuple[object, ...]:
    return rule.rooms, rule.titles, rule.destination, rule.recipients


def _has_the_rights(person: Person, client: Client, found: Addition) -> bool:
    """False: choose again."""
    while True:
        person.tell("")
        failed = False
        for line in rooms.check(client, RuleSet(rules=(found.rule(),))):
            person.show(line)
            failed = failed or line.level is Level.FAILED
        if not failed:
            return True
        if not person.on_terminal:
            person.give_up("nothing was written: mend what failed above, then run this again")
        typed = person.line(
            "Mend it in the portal, then press Enter to look again (c: choose others; k: keep these)"
        )
        if typed.lower() in {"c", "k"}:
            return typed.lower() == "k"


def _recipients(text: str) -> tuple[str, ...]:
    listed = tuple(part.strip() for part in text.split(",") if part.strip())
    if not listed:
        raise ValueError("an invoice that nobody is told of helps nobody: at least one address")
    try:
        return _rule(listed, (), "any", 1, 1).recipients
    except ValidationError as error:
        raise ValueError("; ".join(fault.text for fault in faults(error))) from None


def _rule(recipients: Sequence[str], titles: Sequence[str], name: str, room: EntryId, destination: EntryId) -> Rule:
    table = {"name": name, "rooms": [room], "destination": destination, "recipients": list(recipients)}
    return Rule.model_validate(table | ({"titles": list(titles)} if titles else {}))
