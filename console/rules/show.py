"""`rules show`: the rules in sentences, with names for ids, and whether the workers run with them."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer

from console.connect.portal import portal_client
from console.connect.worker_pages import ask, every
from console.doctor.configured import Spread, spread
from console.settings import FAILED, Pages, given, settings_or_exit
from console.terminal import endpoints
from console.terminal.printing import Paint, complain, say, say_json
from console.terminal.progress import Waiting
from console.terminal.table import record, whom
from console.terminal.telling import lines, recipients, words
from console.terminal.width import wrapped
from shared.errors import IntakeError
from shared.process.configuration import configuration
from shared.process.live_rules import RuledDatabase, rules_now
from shared.process.settings import LedgerDatabase, Portal, SettingsError, load
from shared.rules.file import RulesError
from shared.rules.model import Rule, RuleSet
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.text.outside import cell
from shared.wire.events import EntryId

COLUMNS = 78
USUAL = ("file.created", "file.uploaded")
"""The triggers of a rule that says nothing of them."""

Name = Callable[[EntryId], str | None]
"""Of a room or folder; None where nobody told it."""


def command(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show the rules that are live, in sentences, and whether the workers run with them.

    The rules are those of RULES_FILE, else the published ones, else those of CLIENT_ROOM_ID, INCOMING_FOLDER_ID and
    MANAGER_EMAIL. Rooms and folders are called by the names that the history or the portal knows. Workers follow
    published rules by themselves and read all others when they start: restart one that runs with others. They are
    asked at HEALTH_URLS.

    \b
    Examples:
      intake rules show
      intake rules show --json | jq '.rules[].name'

    Exit codes: 0 shown, 1 a worker runs with other rules, or the database cannot tell which are published, 2 wrong
    usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    rules = _live(context.obj)
    addresses = settings_or_exit(Pages, context.obj).health_urls
    with Waiting("asking the workers and the portal"), _names(context.obj) as name:
        told = {id_: name(id_) for id_ in _ids(rules)}
        found = spread(list(map(ask, every(addresses))), configuration(rules))
    if as_json:
        say_json(_record(rules, told, found))
    else:
        for rule in rules.rules:
            for line in rule_lines(rule, told):
                say(line)
        if rules.recipients:
            say("Recipients")
        for line in lines(rules):
            say(f"  {cell(line)}")
        if rules.endpoints:
            say("Endpoints")
        for line in endpoints.lines(rules):
            say(f"  {cell(line)}")
        say()
        for piece in spread_pieces(found):
            say(piece)
    if found.others:
        raise typer.Exit(FAILED)


def _live(environ: Mapping[str, str]) -> RuleSet:
    settings = settings_or_exit(RuledDatabase, environ)
    try:
        return rules_now(settings)
    except (IntakeError, RulesError) as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None


def rule_lines(rule: Rule, names: Mapping[EntryId, str | None]) -> Iterator[str]:
    """Its name, and below it what it does, as sentences."""
    yield cell(f"{rule.name} (disabled)" if not rule.enabled else rule.name)
    for sentence in _sentences(rule, names):
        yield from (f"  {line}" for line in wrapped(cell(sentence), COLUMNS))


def spread_pieces(found: Spread) -> Iterator[str | Paint]:
    """Who runs with them, and who does not, and of whom it is not known."""
    if found.same:
        many = f"The {found.same[0].stage} runs" if len(found.same) == 1 else f"{len(found.same)} workers run"
        yield Paint(f"✓ {many} with these rules", "green")
    for page in found.others:
        who = cell(f"the {page.stage} at {page.address}")
        yield Paint(f"! {who} runs with other rules: restart it", "red")
    if found.unknown:
        why = ": HEALTH_URLS says where they are asked" if not found.asked else ""
        yield Paint(cell(f"? of {', '.join(found.unknown)} it is not known{why}"), "yellow")


def _sentences(rule: Rule, names: Mapping[EntryId, str | None]) -> Iterator[str]:
    tests = [f"a room {test}" for test in rule.room_tests]
    rooms = _or([*(_called(room, names) for room in rule.rooms), *tests])
    titles = _or([test.deed for test in rule.titles])
    yield f"An upload to {rooms} whose title {titles} is filed in {_called(rule.destination, names, 'folder')}."
    yield f"Told: {', '.join(whom(rule))}."
    if how := words(rule.telling):
        yield f"How: {how}."
    if rule.triggers != USUAL:
        yield f"It looks at {_or(list(rule.triggers))}."


def _called(id_: EntryId, names: Mapping[EntryId, str | None], kind: str = "room") -> str:
    name = names.get(id_)
    return f'"{name}" ({kind} {id_})' if name else f"{kind} {id_}"


def _or(texts: list[str]) -> str:
    return " or ".join(texts)


def _ids(rules: RuleSet) -> list[EntryId]:
    return list(dict.fromkeys(id_ for rule in rules.rules for id_ in (*rule.rooms, rule.destination)))


@contextlib.contextmanager
def _names(environ: Mapping[str, str]) -> Iterator[Name]:
    """Of the history, else of the portal. Whatever fails, a room has no name then: its id is shown."""
    with contextlib.ExitStack() as closing:
        sources = [source for open_ in (_of_history, _of_portal) if (source := open_(environ, closing))]

        def name(id_: EntryId) -> str | None:
            for source in sources:
                with contextlib.suppress(IntakeError):
                    if found := source(id_):
                        return found
            return None

        yield name


def _of_history(environ: Mapping[str, str], closing: contextlib.ExitStack) -> Name | None:
    try:
        database = Database(load(LedgerDatabase, environ).database_url.get_secret_value())
    except (SettingsError, ValueError):
        return None
    closing.enter_context(contextlib.closing(database))
    queries = Queries(database)

    def name(id_: EntryId) -> str | None:
        newest = queries.page(Filter(room=str(id_)), limit=1).uploads
        return newest[0].room_title if newest else None

    return name


def _of_portal(environ: Mapping[str, str], closing: contextlib.ExitStack) -> Name | None:
    if not given("DOCSPACE_API_HOST", environ) or not given("DOCSPACE_API_KEY", environ):
        return None
    try:
        client = portal_client(load(Portal, environ))
    except SettingsError:
        return None
    closing.enter_context(contextlib.closing(client))
    return lambda id_: client.folder(id_).title


def _record(rules: RuleSet, names: Mapping[EntryId, str | None], found: Spread) -> dict[str, Any]:
    return {
        "rules": [
            {
                **record(rule, rules),
                "room_titles": [names.get(room) for room in rule.rooms],
                "destination_title": names.get(rule.destination),
            }
            for rule in rules.rules
        ],
        "recipients": recipients(rules),
        "endpoints": endpoints.records(rules),
        "workers": [
            {"stage": page.stage, "address": page.address, "same": page in found.same}
            for page in (*found.same, *found.others)
        ],
        "unknown": list(found.unknown),
    }
