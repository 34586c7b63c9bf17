"""What `.env` and the rules file become: shown, agreed to, written. Rules first: `.env` names no missing file."""

import os
from collections.abc import Mapping
from pathlib import Path

from console.setup import dotenv, files
from console.setup.given import ONE_RULE, Given, Known
from console.setup.person import Person
from console.setup.rule_step import Addition
from console.setup.rules_text import NewRule, with_rule
from shared.docspace.places import Places
from shared.process.settings import SECRETS
from shared.rules.file import load_rules
from shared.rules.ids import entry_id
from shared.rules.model import Rule

RULES_FILE = "RULES_FILE"


def refuse_early(person: Person, given: Given, known: Known) -> None:
    """Not after ten answers: where a file cannot be written, no question is asked."""
    for folder in {given.env_file.resolve().parent, known.rules_file.resolve().parent}:
        if not os.access(folder, os.W_OK):
            hint = ' (in a container: docker compose run --rm --user "$(id -u):$(id -g)" setup)'
            person.refuse(f"{folder} cannot be written to{hint if os.getuid() else ''}")


def changes(known: Known, new: Mapping[str, str | None]) -> dict[str, str]:
    """By variable: new, changed or dropped; what stays is left out."""
    found = {}
    for name, value in new.items():
        old = known.written.get(name)
        if value is None and old is not None:
            found[name] = "dropped"
        elif value is not None and value != old:
            found[name] = "changed" if old else "new"
    return found


def variables(given: Given, known: Known, settings: Mapping[str, str], *, with_file: bool) -> dict[str, str | None]:
    """All that `.env` is to say. Where it names a rules file, the three variables of one rule mean nothing."""
    new: dict[str, str | None] = dict(settings)
    if with_file:
        new[RULES_FILE] = _beside(given.env_file, known.rules_file)
        new |= dict.fromkeys(ONE_RULE)
    for name in SECRETS:
        if name in new and f"{name}_FILE" in known.written:
            new[f"{name}_FILE"] = None  # one of the two may be set
    return new


def agreed(person: Person, given: Given, known: Known, found: Mapping[str, str], added: Addition | None) -> bool:
    """Whether there is anything to write; ends the command where a person does not want it."""
    if not found and added is None:
        person.tell(f"\n{given.env_file} says all this already.")
        return False
    person.tell(f"\n{given.env_file}" + ("" if known.env_text else ", a new file, for you alone (mode 600)"))
    for name, what in found.items():
        person.tell(f"  {what:<8} {name}")
    if added:
        person.tell(str(known.rules_file))
        made = ", a folder that is made now" if added.destination.new_title else ""
        person.tell(
            f'  new      rule "{added.name}": from "{added.room.title}" to "{added.destination.title}"{made}'
        )
    if given.dry_run:
        person.tell("\nNothing was written, and nothing changed on the portal: this was a dry run.")
        return False
    overwrites = [name for name, what in found.items() if what != "new"]
    if not person.on_terminal:
        if overwrites and not person.says_yes:
            person.refuse(
                f"nothing was written: it would change {', '.join(overwrites)} in .env; say so with --yes"
            )
    elif not person.agrees("Write this?"):
        person.give_up("nothing was written")
    return True


def write(
    given: Given, known: Known, new: Mapping[str, str | None], added: Addition | None, places: Places
) -> None:
    """IntakeError where the folder cannot be made, OSError, ValueError for what no `.env` can hold."""
    env_text = dotenv.changed(known.env_text or dotenv.HEADER, new)
    if added is not None:
        text = known.rules_text
        if not text.strip() and known.rules is not None:
            text = with_rule("", _by_hand(known.rules.rules[0]))
        files.write(known.rules_file, with_rule(text, added.made(places)), _mode(known.rules_file))
        load_rules(known.rules_file)
    if env_text != known.env_text:
        files.write(given.env_file, env_text, files.SECRET)


def _by_hand(rule: Rule) -> NewRule:
    """The rule of the three variables, which others join."""
    return NewRule(rule.name, entry_id(rule.rooms[0]), "", rule.destination, "", rule.recipients)


def _mode(path: Path) -> int:
    """What a person chose stays: a file with channels' tokens in it is kept from others."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return files.PLAIN


def _beside(env_file: Path, rules_file: Path) -> str:
    """Compose takes a path from where docker-compose.yml and .env are, if it begins with a dot."""
    folder, path = env_file.resolve().parent, rules_file.resolve()
    return f"./{path.relative_to(folder)}" if path.is_relative_to(folder) else str(path)
