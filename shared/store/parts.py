"""All parts of the database, which `intake` keeps in one: what a backup holds, and what is looked at as a whole."""

import sqlalchemy as sa

from shared.store.actions.versions import ACTIONS
from shared.store.audit.versions import AUDIT
from shared.store.history.versions import HISTORY
from shared.store.hooks.versions import HOOKS
from shared.store.ledger.versions import LEDGER
from shared.store.outbox.versions import OUTBOX
from shared.store.people.versions import PEOPLE
from shared.store.problems.versions import PROBLEMS
from shared.store.rulebook.versions import RULEBOOK
from shared.store.schema import Part, version_of
from shared.store.sweeps.versions import SWEEPS

PARTS: tuple[Part, ...] = (
    LEDGER, OUTBOX, HISTORY, ACTIONS, AUDIT, PEOPLE, PROBLEMS, RULEBOOK, SWEEPS, HOOKS,
)  # fmt: skip
"""`shared.store.backup` has one more, which says that a backup is being restored here."""


def refuse_newer(connection: sa.Connection) -> None:
    """OutdatedError that says what to do, if a part's tables are newer than this program."""
    for part in PARTS:
        version_of(connection, part)
