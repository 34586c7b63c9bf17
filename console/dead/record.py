"""Puts on the audit what `dead replay` and `dead discard` do, where DATABASE_URL says in which database."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from console.actions.doing import person
from console.settings import given
from console.terminal.printing import complain
from shared.errors import IntakeError
from shared.process.settings import LedgerDatabase, SettingsError, load
from shared.store.audit.store import AuditStore

DATABASE = ("DATABASE_URL", "DATABASE_URL_FILE", "TLS_CA_FILE")


@contextlib.contextmanager
def on_record(
    environ: Mapping[str, str], verb: str, filter_: Mapping[str, Any], done: Callable[[], int]
) -> Iterator[None]:
    """Written before, and with how many were `done` after, however that ended.

    A database that is away keeps nobody from their dead letters: what is not on record is said.
    """
    if not given(DATABASE[0], environ):
        yield
        return
    audit, entry_id = _begun(environ, verb, filter_)
    try:
        yield
    finally:
        if audit is not None:
            try:
                audit.end(entry_id, f"{done()} done")
            except IntakeError as error:
                complain(f"the result is not on the audit: {error}")
            audit.close()


def _begun(environ: Mapping[str, str], verb: str, filter_: Mapping[str, Any]) -> tuple[AuditStore | None, str]:
    try:
        settings = load(LedgerDatabase, {name: environ[name] for name in DATABASE if name in environ})
        audit = AuditStore(settings.database_url.get_secret_value())
        return audit, audit.begin(person(), verb, "dead letters", filter_)
    except (SettingsError, ValueError, IntakeError) as error:
        complain(f"it is not on the audit: {error}")
        return None, ""
