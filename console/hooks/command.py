"""`hooks`: the group of its commands. Wires and prints."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer

from console.actions.doing import person
from console.actions.on_record import on_record
from console.history.dates import begin
from console.hooks import secret, view
from console.hooks.replay import replay as replay_
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.terminal.progress import Waiting
from shared.amqp.line import Line
from shared.amqp.topology import topology
from shared.errors import IntakeError
from shared.hooks.body import made as body_made
from shared.hooks.delivery import Answered, Courier
from shared.hooks.signature import NoSecretError, read
from shared.network.tls import trusting
from shared.process.live_rules import RuledDatabase, rules_now
from shared.process.logs import configure_logs
from shared.process.settings import LedgerDatabase, Process
from shared.rules.endpoint import Endpoint
from shared.rules.file import RulesError
from shared.rules.model import RuleSet
from shared.store.hooks.standing import Standing
from shared.store.hooks.store import HookStore
from shared.store.ledger import Ledger
from shared.wire.message import derived_id

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the endpoint, as the rules have it.")]


class Settings(Process, LedgerDatabase, RuledDatabase):
    pass


@app.callback()
def hooks() -> None:
    """The endpoints that are sent webhooks of ours: how each stands, and what it missed.

    \b
    Examples:
      intake hooks list
      intake hooks show erp
      intake hooks replay erp --since 2d

    Exit codes: 0 done, 1 it failed, or the broker or the database did, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List the endpoints: where each is, what it asks for, and how it stands.

    \b
    Examples:
      intake hooks list
      intake hooks list --json | jq '.[] | select(.missed > 0).name'

    Exit codes: 0 listed, 1 the database failed, 2 wrong usage or settings.
    """  # noqa: D301 # as above
    with _desk(context.obj) as (_, rules, store):
        standings = store.standings()
    now = time.time()
    each = [(endpoint, standings.get(endpoint.name, Standing(name=endpoint.name))) for endpoint in rules.endpoints]
    if as_json:
        say_json([{**view.record(standing), "address": endpoint.shown} for endpoint, standing in each])
    elif not each:
        say("The rules name no endpoint")
    else:
        say("\n".join(view.endpoint_line(endpoint, standing, now) for endpoint, standing in each))


@app.command()
def show(context: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Show an endpoint's last 50 attempts, the latest first: when, what was answered, and how long that took.

    \b
    Example:
      intake hooks show erp

    Exit codes: 0 shown, 1 the database failed, 2 wrong usage or settings, or no endpoint of that name.
    """  # noqa: D301 # as above
    with _desk(context.obj) as (_, rules, store):
        endpoint = _endpoint(rules, name)
        standing = store.standings().get(name, Standing(name=name))
        attempts = store.attempts(name)
    now = time.time()
    if as_json:
        say_json({**view.record(standing), "attempts": [view.record(each) for each in attempts]})
    else:
        say("\n".join([view.endpoint_line(endpoint, standing, now), *view.attempt_lines(attempts, now)]))


@app.command("test")
def send_test(context: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Send an endpoint an event of the type `test`, from here, and say what it answered.

    It goes by the same rules for addresses as the dispatcher's. Nothing is kept of it.

    \b
    Example:
      intake hooks test erp

    Exit codes: 0 it answered 2xx, 1 it did not, or the database failed, 2 wrong usage or settings, or no endpoint
    of that name.
    """  # noqa: D301 # as above
    with _desk(context.obj) as (settings, rules, _):
        endpoint = _endpoint(rules, name)
    at = int(time.time())
    try:
        keys = read(endpoint.secret_file)
    except NoSecretError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    with Waiting(f"sending to {endpoint.shown}"):
        body = body_made("test", at, {"endpoint": name})
        sent = Courier(trusting(settings.tls_ca_file)).send(endpoint, keys, derived_id("test", name, at), body)
    answer = sent.answer
    accepted = isinstance(answer, Answered) and 200 <= answer.status < 300  # noqa: PLR2004 - HTTP's
    said = f"answered {answer.status} {answer.body}".strip() if isinstance(answer, Answered) else answer.reason
    if as_json:
        say_json({"endpoint": name, "accepted": accepted, "answer": said, "took_s": round(sent.took_s, 3)})
    else:
        say(f"{'✓' if accepted else '✗'} {name} {said} ({sent.took_s * 1000:.0f} ms)")
    if not accepted:
        raise typer.Exit(FAILED)


@app.command()
def replay(
    context: typer.Context,
    name: Name,
    *,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="2d, friday, 2026-11-27; without it, since it first missed one."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Send an endpoint what it asks for and has not accepted. The dispatcher must run.

    The events are those of the broker's history, about a week. Each keeps its `webhook-id`, and what was accepted
    is left out, so repeating it is safe.

    \b
    Examples:
      intake hooks replay erp
      intake hooks replay erp --since 2d

    Exit codes: 0 done, 1 the broker, its history or the database failed, 2 wrong usage or settings, no endpoint of
    that name, or it is disabled.
    """  # noqa: D301 # as above
    configure_logs("hooks", level="error", log_format=None, stream=sys.stderr)
    with _desk(context.obj) as (settings, rules, store):
        endpoint = _endpoint(rules, name)
        standing = store.standings().get(name, Standing(name=name))
        if standing.disabled:
            complain(f"{name} is disabled: intake hooks enable {name} comes first")
            raise typer.Exit(USAGE)
        at = _since(since, standing)
        sent: list[int] = []
        if at is not None:
            ledger = Ledger(settings.database_url.get_secret_value(), owner="console hooks")
            line = Line(settings.amqp_urls, topology(settings.retry_delays_s, settings.stages), "console hooks")
            with (
                contextlib.closing(ledger),
                contextlib.closing(line),
                Waiting("reading the history"),
                _on_record(context.obj, "replay", name, lambda: f"{sent[0]} sent" if sent else "failed"),
            ):
                sent.append(replay_(settings.amqp_urls, endpoint, at, ledger, line))
                store.looked_after(name, standing.missed)
    count = sent[0] if sent else 0
    if as_json:
        say_json({"endpoint": name, "sent": count})
    else:
        say(f"{count} event{'' if count == 1 else 's'} sent to the queue of {name}")


@app.command()
def enable(context: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Have an endpoint sent events again. What it missed is sent by `replay`.

    \b
    Example:
      intake hooks enable erp && intake hooks replay erp

    Exit codes: 0 it is enabled, 1 the database failed, 2 wrong usage or settings, or no endpoint of that name.
    """  # noqa: D301 # as above
    with (
        _desk(context.obj) as (_, rules, store),
        _on_record(context.obj, "enable", _endpoint(rules, name).name, lambda: "done"),
    ):
        store.enable(name)
    _said(f"{name} is enabled", {"endpoint": name, "enabled": True}, as_json=as_json)


@app.command()
def disable(
    context: typer.Context,
    name: Name,
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Stands on the audit.")] = "",
    as_json: Json = False,
) -> None:
    """Have an endpoint sent nothing until it is enabled again. What it misses meanwhile is counted.

    \b
    Example:
      intake hooks disable erp --why "the ERP moves house"

    Exit codes: 0 it is disabled, 1 the database failed, 2 wrong usage or settings, or no endpoint of that name.
    """  # noqa: D301 # as above
    with (
        _desk(context.obj) as (_, rules, store),
        _on_record(context.obj, "disable", _endpoint(rules, name).name, lambda: "done"),
    ):
        store.disable(name, person().name, why or "by a person", time.time())
    _said(f"{name} is disabled", {"endpoint": name, "enabled": False}, as_json=as_json)


@app.command()
def rotate(
    context: typer.Context,
    name: Name,
    *,
    finish: Annotated[bool, typer.Option("--finish", help="Take all but the newest secret out.")] = False,
    as_json: Json = False,
) -> None:
    """Put a new secret into an endpoint's file, and print it. The old ones sign too until --finish.

    It works where this process can write the file that the rules name. The dispatcher needs no restart.

    \b
    Examples:
      intake hooks rotate erp
      intake hooks rotate erp --finish

    Exit codes: 0 done, 1 the file cannot be written or the database failed, 2 wrong usage or settings, or no
    endpoint of that name.
    """  # noqa: D301 # as above
    with _desk(context.obj) as (_, rules, _store):
        file = _endpoint(rules, name).secret_file
    verb = "finish rotation" if finish else "rotate"
    try:
        with _on_record(context.obj, verb, name, lambda: "done"):
            told = secret.keep_newest(file) if finish else secret.add(file)
    except OSError as error:
        complain(f"{file} cannot be written: {error.strerror or error}")
        raise typer.Exit(FAILED) from None
    if finish:
        _said(f"{told} old taken out", {"endpoint": name, "taken_out": told}, as_json=as_json)
    else:
        _said(f"{told}", {"endpoint": name, "secret": told}, as_json=as_json)


def _said(sentence: str, told: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(told)
    else:
        say(sentence)


def _since(text: str | None, standing: Standing) -> float | None:
    """None where nothing was missed, and nothing is asked for."""
    if text is None:
        return standing.missed_since
    try:
        return begin(text, time.time())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _endpoint(rules: RuleSet, name: str) -> Endpoint:
    endpoint = rules.endpoint(name)
    if endpoint is None:
        complain(f'the rules name no endpoint "{name}": intake hooks list')
        raise typer.Exit(USAGE)
    return endpoint


@contextlib.contextmanager
def _desk(environ: Mapping[str, str]) -> Iterator[tuple[Settings, RuleSet, HookStore]]:
    """Ends the command with one sentence where the database or the broker fails."""
    settings = settings_or_exit(Settings, environ)
    try:
        rules = rules_now(settings)
        with contextlib.closing(HookStore(settings.database_url.get_secret_value())) as store:
            yield settings, rules, store
    except (IntakeError, RulesError) as error:
        complain(error)
        raise typer.Exit(FAILED) from None


def _on_record(
    environ: Mapping[str, str], verb: str, name: str, result: Callable[[], str]
) -> contextlib.AbstractContextManager[None]:
    return on_record(environ, f"hooks {verb}", name, {}, result)
