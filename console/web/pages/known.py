"""What several pages ask for: the rules that are live, and when the reconciler compared with the portal."""

import contextlib
from collections.abc import Mapping

from console.reconcile.forever import WINDOW, note_of
from shared.errors import PermanentError
from shared.process.live_rules import RuledDatabase, rules_now
from shared.process.settings import LedgerDatabase, SettingsError, load
from shared.rules.file import RulesError
from shared.rules.model import RuleSet
from shared.store.sweeps.store import SweepStore


def rules_here(environ: Mapping[str, str]) -> RuleSet:
    """Those of RULES_FILE, else the published ones, else the three variables'.

    PermanentError says why they are not known; TransientError while the database cannot tell.
    """
    try:
        return rules_now(load(RuledDatabase, environ))
    except (SettingsError, RulesError) as error:
        raise PermanentError(f"the rules are not known here: {'; '.join(str(error).splitlines())}") from error


def compared_at(environ: Mapping[str, str]) -> float | None:
    """When the reconciler's last pass began, in seconds since the epoch; None for never. TransientError."""
    store = SweepStore(load(LedgerDatabase, environ).database_url.get_secret_value())
    with contextlib.closing(store):
        window = note_of(store, WINDOW)
    return None if window is None else window["began_at"]
