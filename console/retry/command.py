"""`retry`: uploads that failed, or that wait for another try, are tried now. Wires and prints."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from console.actions.on_record import on_record
from console.actions.waiting import deliveries
from console.connect.broker import broker_urls, dead_letters
from console.dead import facts
from console.history.words import SHORT_ID, sentence, word
from console.retry.chosen import Choice, all_that_wait, named
from console.settings import FAILED, USAGE
from console.terminal.printing import complain, say, say_json
from shared.amqp.operator.dead_letters import DeadLetter, Verdict
from shared.amqp.operator.hurried import hurry
from shared.errors import IntakeError
from shared.process.settings import Database as DatabaseUrl
from shared.process.settings import SettingsError, load
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.text.outside import cell
from shared.wire.stages import EVERY_NAME


@dataclass(frozen=True, slots=True)
class Retried:
    """What was sent back to its worker."""

    correlation_id: str
    message_id: str
    stage: str
    title: str | None
    was: str
    """`dead` or `waiting`."""
    reason: str

    def __str__(self) -> str:
        what = "a dead letter" if self.was == "dead" else "waiting"
        return cell(
            f'{self.correlation_id[:SHORT_ID]}  {self.stage:<10}  "{self.title or "untitled"}", was {what}: '
            f"{self.reason}"
        )


def command(
    context: typer.Context,
    *,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Of the upload (8 characters will do), file or message."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="CODE", help="All that failed or wait with this code.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that failed or wait.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Try uploads again now: those that need a person, and those that wait for their next try.

    A dead letter goes back to its worker with all its tries ahead. Of what waits for its next try, a copy goes to
    the worker now, and the other comes when its time is there: whichever comes second finds the work done. Nothing
    is filed or told twice. It stands on the audit, if DATABASE_URL is set.

    \b
    Examples:
      intake retry 5f0c8a52
      intake retry --reason no-right --dry-run
      intake retry --all

    The broker is found by AMQP_URL, the history by DATABASE_URL. Without a history only dead letters are known, by
    the ids that they carry. Exit codes: 0 done, 1 nothing matched, or the broker failed, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if (1 if ids else 0) + (reason is not None) + everything != 1:
        raise typer.BadParameter("say which: by ID, --reason CODE, or --all")
    urls = broker_urls(context.obj)
    choice = _choice(context.obj, ids or [], reason)
    done: list[Retried] = []
    asked = {"ids": ids} if ids else {"reason": reason} if reason else {}
    recorded = (
        contextlib.nullcontext()
        if dry_run
        else on_record(context.obj, "try now", "uploads", asked, lambda: f"{len(done)} done")
    )
    try:
        with recorded:
            for one in _retried(urls, choice, dry_run=dry_run):
                done.append(one)
                if not as_json:
                    say(str(one))
    finally:
        if as_json:
            say_json([asdict(one) for one in done])
        else:
            say(f"{'Would be tried' if dry_run else 'Tried'} again now: {len(done)}", err=True)
    if not done:
        for sentence in _why_none(choice):
            complain(sentence)
        raise typer.Exit(FAILED)


def _retried(urls: tuple[str, ...], choice: Choice, *, dry_run: bool) -> Iterator[Retried]:
    verdict = Verdict.KEEP if dry_run else Verdict.REPLAY

    def decide(letter: DeadLetter) -> Verdict:
        return verdict if choice.has(letter, facts.code(letter)) else Verdict.KEEP

    with dead_letters(urls) as letters:
        for stage in EVERY_NAME:
            for letter, _ in letters.sweep(stage, decide):
                if choice.has(letter, facts.code(letter)):
                    yield _of_letter(letter)
        yield from _hurried(urls, choice, dry_run=dry_run)


def _hurried(urls: tuple[str, ...], choice: Choice, *, dry_run: bool) -> Iterator[Retried]:
    uploads = {upload.correlation_id: upload for upload in choice.waiting}
    waiting = deliveries(urls, choice.waiting)
    for delivery in waiting if dry_run else hurry(urls, waiting):
        upload = uploads[delivery.message.correlation_id]
        message_id, stage = delivery.message.message_id, delivery.routing_key
        yield Retried(upload.correlation_id, message_id, stage, upload.title, "waiting", upload.reason or "")


def _of_letter(letter: DeadLetter) -> Retried:
    upload = str(letter.properties.get("correlation_id") or "")
    return Retried(upload, letter.message_id, letter.stage, facts.title(letter), "dead", facts.reason(letter))


def _choice(environ: Mapping[str, str], ids: list[str], reason: str | None) -> Choice:
    """Of a history that cannot be asked, what there is to say, and the dead letters alone."""
    try:
        settings = load(DatabaseUrl, environ)
        with contextlib.closing(Database(settings.database_url.get_secret_value())) as database:
            queries = Queries(database)
            return named(queries, ids) if ids else all_that_wait(queries, reason)
    except (SettingsError, ValueError) as error:
        complain(f"this setting is wrong: {error}")
        raise typer.Exit(USAGE) from None
    except IntakeError as error:
        complain(f"what waits for its next try is not known: {error}")
        return Choice(frozenset(ids), (), reason, everything=not ids and reason is None)


def _why_none(choice: Choice) -> Iterator[str]:
    """What became of those that were named; else that there is nothing."""
    for upload in choice.uploads:
        yield f'"{upload.title or "untitled"}": {word(upload)}, {sentence(upload, time.time())}'
    if not choice.uploads:
        unknown = f"nothing is known of {', '.join(sorted(choice.names))}" if choice.names else ""
        yield unknown or "nothing failed, and nothing waits for another try"
