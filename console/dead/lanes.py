"""Which endpoints have a queue for dead letters. The broker itself tells nobody but its administrator."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.dead.database import database_url
from shared.errors import IntakeError
from shared.process.settings import SettingsError
from shared.store.hooks.store import HookStore
from shared.wire.stages import lane


@dataclass(frozen=True, slots=True)
class Lanes:
    stages: Sequence[str] = ()
    unset: bool = False
    """DATABASE_URL does not say where they are recorded."""
    fault: str | None = None
    """Why they cannot be read, in one sentence."""


def lanes(environ: Mapping[str, str]) -> Lanes:
    """Of the endpoints that the dispatcher knows. Connects to the database of DATABASE_URL, if that is set."""
    try:
        url = database_url(environ)
        if url is None:
            return Lanes(unset=True)
        with contextlib.closing(HookStore(url)) as store:
            return Lanes(tuple(lane(name, ()).name for name in store.standings()))
    except (SettingsError, ValueError, IntakeError) as error:
        return Lanes(fault=str(error))
