"""Puts on the audit what a command does by itself, where DATABASE_URL says in which database."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typer

from console.actions.doing import person
from console.settings import FAILED, given
from console.terminal.printing import complain
from shared.errors import IntakeError, OutdatedError
from shared.process.settings import Database, SettingsError, load
from shared.store.audit.store import AuditStore


@contextlib.contextmanager
def on_record(
    environ: Mapping[str, str], verb: str, target: str, filter_: Mapping[str, Any], result: Callable[[], str]
) -> Iterator[None]:
    """The row is written before, and what came of it after, however that ended.

    If the database is away, the work is done all the same, and a sentence says that it is not on record. If it is
    newer than this program, the command ends.
    """
    if not given("DATABASE_URL", environ):
        yield
        return
    audit, entry_id = _begun(environ, verb, target, filter_)
    try:
        yield
    finally:
        if audit is not None:
            try:
                audit.end(entry_id, result())
            except IntakeError as error:
                complain(f"the result is not on the audit: {error}")
            audit.close()


def _begun(
    environ: Mapping[str, str], verb: str, target: str, filter_: Mapping[str, Any]
) -> tuple[AuditStore | None, str]:
    try:
        settings = load(Database, environ)
        audit = AuditStore(settings.database_url.get_secret_value())
        return audit, audit.begin(person(), verb, target, filter_)
    except OutdatedError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    except (SettingsError, ValueError, IntakeError) as error:
        complain(f"it is not on the audit: {error}")
        return None, ""
