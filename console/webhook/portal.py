"""The portal's side for a command: a client that is closed at the end, and one sentence where it does not do it."""

import contextlib
from collections.abc import Iterator

import typer

from console.connect.portal import portal_client
from console.settings import FAILED
from console.terminal.printing import complain
from console.webhook.remedy import remedy
from shared.docspace.client import Client
from shared.errors import IntakeError
from shared.process.settings import Portal


@contextlib.contextmanager
def portal(settings: Portal, url: str = "", after: str = "") -> Iterator[Client]:
    """Ends the command where the portal does not do it: the portal's sentence, the remedy, and `after`.

    `url` is the address that the portal is to call.
    """
    try:
        with contextlib.closing(portal_client(settings)) as client:
            yield client
    except IntakeError as error:
        advice = remedy(error, url or "the webhook's address")
        raise failure("\n  ".join(filter(None, [str(error), advice, after]))) from None


def failure(sentence: str) -> typer.Exit:
    complain(sentence)
    return typer.Exit(FAILED)
