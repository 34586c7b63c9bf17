"""`action VERB`: what a person wants done to many uploads at once. Wires."""

import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from console.actions.doing import do
from console.terminal.duration import seconds
from shared.wire.stages import NAMES

app = typer.Typer()

Stage = StrEnum("Stage", NAMES)  # type: ignore[misc]  # a literal, mypy wants; the stages stand elsewhere
"""For the command line, which takes its choices from an enum."""

Ids = Annotated[list[str] | None, typer.Argument(metavar="MESSAGE_ID", help="The letters with these ids.")]
OfStage = Annotated[Stage | None, typer.Option(help="Only this worker's dead letters.")]
Reason = Annotated[
    str | None,
    typer.Option(metavar="CODE|TEXT", help="Only those with this code, or with TEXT in their reason or error."),
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="Stands on the audit and on the timeline.")]
Reasoned = Annotated[str, typer.Option("--why", metavar="TEXT", help="Stands on the audit and on the timeline.")]
Uploads = Annotated[list[str], typer.Argument(metavar="UPLOAD_ID", help="As `intake list` prints it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="For a program.")]


@app.command()
def retry(
    context: typer.Context,
    *,
    message_ids: Ids = None,
    stage: OfStage = None,
    reason: Reason = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Send dead letters back to their worker. Without a choice, all of them.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action retry --reason no-right
    """  # noqa: D301 # as above
    do(context.obj, "retry", _letters(message_ids, stage, reason), yes=yes, as_json=as_json)


@app.command("put-away")
def put_away(
    context: typer.Context,
    *,
    why: Why,
    message_ids: Ids = None,
    stage: OfStage = None,
    reason: Reason = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take dead letters off the list, and keep them for 90 days in the database.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action put-away --reason unreadable --why "sent by a test"
    """  # noqa: D301 # as above
    filter_ = _letters(message_ids, stage, reason) | {"why": why}
    do(context.obj, "put away", filter_, yes=yes, as_json=as_json)


@app.command("take-back")
def take_back(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As `action kept` prints it.")],
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make dead letters again of what was put away.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action take-back "5f0c8a526a4e5d0b9c652f1d3c0f7a11 1"
    """  # noqa: D301 # as above
    do(context.obj, "take back", {"ids": ids}, yes=yes, as_json=as_json)


@app.command("announce-again")
def announce_again(
    context: typer.Context, upload_ids: Uploads, *, why: Reasoned = "", yes: Yes = False, as_json: Json = False
) -> None:
    """Tell everybody who is to know of a filed invoice once more.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action announce-again 5f0c8a52 --why "the manager deleted the mail"
    """  # noqa: D301 # as above
    do(context.obj, "announce again", {"ids": upload_ids, "why": why}, yes=yes, as_json=as_json)


@app.command("file-anyway")
def file_anyway(
    context: typer.Context,
    upload_ids: Uploads,
    *,
    to: Annotated[str, typer.Option(metavar="FOLDER_ID", help="Where it belongs.")],
    tell: Annotated[list[str], typer.Option(metavar="E-MAIL", help="Who is told; may be repeated.")],
    why: Reasoned = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """File an upload that no rule took.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action file-anyway 5f0c8a52 --to 748239 --tell manager@example.com
    """  # noqa: D301 # as above
    filter_ = {"ids": upload_ids, "destination": to, "recipients": tell, "why": why}
    do(context.obj, "file anyway", filter_, yes=yes, as_json=as_json)


@app.command()
def look(
    context: typer.Context,
    room: Annotated[str, typer.Argument(metavar="ROOM_ID", help="A rule's room.")],
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Have the reconciler look through a room now for what no webhook brought.

    Exit codes: 0 asked, 1 no reconciler takes it, or the broker failed, 2 wrong usage or settings.

    \b
    Example:
      intake action look 86190
    """  # noqa: D301 # as above
    do(context.obj, "look into room", {"room": room}, yes=yes, as_json=as_json)


@app.command()
def pause(
    context: typer.Context,
    stage: Annotated[Stage, typer.Argument(help="The worker.")],
    *,
    why: Why,
    last: Annotated[str, typer.Option("--for", metavar="2h", help="For so long: 30m, 2h, 7d at most.")],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Have a worker take no messages for a while. They wait in its queue, and it goes on by itself.

    Exit codes: 0 done, 1 the broker or the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake action pause mover --for 2h --why "the folder is being renamed"
    """  # noqa: D301 # as above
    filter_ = {"stage": str(stage), "why": why, "until": time.time() + seconds(last)}
    do(context.obj, "pause", filter_, yes=yes, as_json=as_json)


@app.command()
def unpause(
    context: typer.Context,
    stage: Annotated[Stage, typer.Argument(help="The worker.")],
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Have a paused worker go on now.

    Exit codes: 0 done, 1 it is not paused, or the broker or the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake action unpause mover
    """  # noqa: D301 # as above
    do(context.obj, "resume", {"stage": str(stage)}, yes=yes, as_json=as_json)


def _letters(message_ids: list[str] | None, stage: Stage | None, reason: str | None) -> dict[str, Any]:
    given = {"ids": message_ids, "stage": stage and str(stage), "reason": reason}
    return {name: value for name, value in given.items() if value}
