"""`rules publish`, `versions`, `back` and `export`. Wires and prints."""

import contextlib
import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from console.actions.doing import person, site_of
from console.actions.run import run
from console.actions.site import Site
from console.history.view import utc
from console.rules import what_if_view
from console.rules.as_action import as_action
from console.rules.masking import masked
from console.rules.publishing import Faults, Publishing
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.printing import agreed, complain, on_terminal, one_line, say, say_file, say_json, say_table
from console.terminal.progress import Waiting
from console.terminal.table import plain, rich_table
from shared.errors import IntakeError
from shared.process.configuration import configuration
from shared.process.live_rules import RuledDatabase
from shared.process.settings import SettingsError
from shared.rules.file import RulesError
from shared.store.rulebook.reader import NoVersionError, Version
from shared.store.rulebook.store import OvertakenError
from shared.text.outside import cell

DAYS = 7
SHOWN = 10
FOLLOWS = "The workers follow within 5 s."

By = Annotated[str | None, typer.Option(metavar="NAME", help="Who publishes, if not the system's user.")]
Comment = Annotated[str, typer.Option("--comment", "-m", metavar="TEXT", help="Why, for those who read it later.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")]
Json = Annotated[bool, typer.Option("--json", help="For a program.")]
VersionNumber = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="As `versions` tells it.")]


def publish(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The rules to publish.")],
    comment: Comment,
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Publish the rules in FILE: all workers go over to them within 5 s, without a restart.

    They are checked first; then it is shown what they would have changed over the last 7 days, and asked. The text
    is kept in the database as a version, with its comments and the URLs of its channels, which are secrets. Where
    RULES_FILE is set, its rules stay live.

    \b
    Examples:
      intake rules publish rules.toml --comment "Globex joins"
      intake rules publish rules.toml -m "Globex joins" --yes --json

    Exit codes: 0 published, 1 the database cannot be reached, or somebody else published meanwhile, 2 wrong usage
    or settings, or a fault in the rules.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings_or_exit(RuledDatabase, context.obj)
    desk, site = Publishing(context.obj), site_of(context.obj)
    text = _text(file)
    rules = desk.check(text, str(file))
    if isinstance(rules, Faults):
        say("\n".join(rules.lines), err=True)
        raise typer.Exit(USAGE)
    with _errors():
        seen = next((switch.number for switch in desk.switches()), 0)
        if not as_json:
            (rich_table if on_terminal() else plain_table)(rules)
        _tell_changes(desk, text)
        if not yes:
            agreed("Publish these rules?", abort=True)
        name, told = by or _user(), {"comment": comment, "rules": configuration(rules).rules}
        action_id, version = as_action(
            site, person(), "publish rules", told, lambda: desk.publish(text, name, comment, over=seen),
            over=seen, name=name, why=comment,
        )  # fmt: skip
    _end(desk, version, as_json=as_json)
    _tell(site, action_id)


def versions(context: typer.Context, as_json: Json = False) -> None:
    """List what was published, the newest first; the live version has a star.

    \b
    Example:
      intake rules versions

    Exit codes: 0 listed, 1 the database cannot be reached, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings_or_exit(RuledDatabase, context.obj)
    desk = Publishing(context.obj)
    with _errors():
        found = desk.versions()
    if as_json:
        say_json([_record(each) for each in found])
        return
    rows = [
        (f"{each.number}{'*' if each.live else ''}", utc(each.at), each.by, each.hash, each.comment)
        for each in found
    ]
    if on_terminal():
        say_table(("version", "published", "by", "hash", "comment"), ((map(cell, row), "") for row in rows))
    else:
        for row in rows:
            say(one_line(row))
    if not found:
        say("No rules were published here.", err=True)
    _tell_overruled(desk)


def back(
    context: typer.Context,
    *,
    version: VersionNumber,
    comment: Comment = "",
    by: By = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make an earlier version live again. No version goes away by it.

    \b
    Example:
      intake rules back 3 --comment "Globex left"

    Exit codes: 0 done, 1 the database cannot be reached, there is no such version, or somebody else published
    meanwhile, 2 wrong usage or settings, or this program cannot read that version.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings_or_exit(RuledDatabase, context.obj)
    desk, site = Publishing(context.obj), site_of(context.obj)
    with _errors():
        seen = next((switch.number for switch in desk.switches()), 0)
        text = desk.version(version).text
        if not yes:
            _tell_changes(desk, text)
            agreed(f"Make version {version} live?", abort=True)
        name, told = by or _user(), {"version": version, "comment": comment}
        action_id, _ = as_action(
            site, person(), "go back to rules", told, lambda: desk.back(version, name, comment, over=seen),
            over=seen, name=name, why=comment,
        )  # fmt: skip
    _end(desk, version, as_json=as_json)
    _tell(site, action_id)


def export(
    context: typer.Context,
    *,
    version: Annotated[
        int | None, typer.Argument(metavar="[VERSION]", min=1, help="If not the one that is live.")
    ] = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="With the whole URLs of channels.")] = False,
) -> None:
    """Print published rules as they were given, comments too. Of a URL only the scheme, if not asked for all.

    \b
    Example:
      intake rules export --secrets > rules.toml

    Exit codes: 0 printed, 1 the database cannot be reached, nothing was published, or not that version, 2 wrong
    usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings_or_exit(RuledDatabase, context.obj)
    desk = Publishing(context.obj)
    with _errors():
        found = desk.current() if version is None else desk.version(version)
    if found is None:
        complain("no rules were published here")
        raise typer.Exit(FAILED)
    say_file(found.text if secrets else masked(found.text))


def plain_table(rules: Any) -> None:
    say(plain(rules))


def _tell_changes(desk: Publishing, text: str) -> None:
    """That the past cannot be read keeps nobody from publishing: they are told, and asked all the same."""
    try:
        with Waiting() as waiting:
            report = desk.would_change(text, DAYS, waiting)
    except (IntakeError, RulesError, SettingsError) as error:
        say(f"What would have changed over the last {DAYS} days is not known: {error}", err=True)
        return
    for row in what_if_view.rows(report, SHOWN):
        say(one_line(row), err=True)
    say(f"Compared with the rules that are live now, over {DAYS} days:", err=True)
    say(what_if_view.summary(report, SHOWN), err=True)


def _tell(site: Site, action_id: str) -> None:
    """All who listen. The workers need no event: they ask the database."""
    try:
        with Waiting("telling"):
            run(site, action_id)
    except IntakeError as error:
        again = f"the web console sends it later, or intake action resume {action_id}"
        say(f"The event rules.published could not be sent: {error}; {again}", err=True)


def _end(desk: Publishing, version: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"version": version, "live": desk.overruled_by() is None})
    else:
        say(f"Version {version} is published. {'' if desk.overruled_by() else FOLLOWS}".strip())
    _tell_overruled(desk)


def _tell_overruled(desk: Publishing) -> None:
    if file := desk.overruled_by():
        say(f"RULES_FILE is set here and wins: the rules in {file} stay live while it is.", err=True)


def _record(version: Version) -> dict[str, Any]:
    return {
        "version": version.number, "published": utc(version.at), "by": version.by, "hash": version.hash,
        "comment": version.comment, "live": version.live,
    }  # fmt: skip


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        complain(f"{file}: cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}")
        raise typer.Exit(USAGE) from None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user has no name
        return "command line"


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except RulesError as error:
        say(str(error), err=True)
        raise typer.Exit(USAGE) from None
    except (IntakeError, NoVersionError, OvertakenError) as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None
