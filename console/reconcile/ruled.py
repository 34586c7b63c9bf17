"""The live rules, and the rooms that fit them by name or tag: asked for anew for each pass."""

from dataclasses import dataclass

from console.reconcile.settings import Settings
from shared.deciding.fitting import with_fitting
from shared.docspace.client import Client
from shared.docspace.errors import RefusedError, ScopeMissingError, UnexplainedError
from shared.docspace.places import Places
from shared.errors import PermanentError
from shared.process.live_rules import rules_now
from shared.rules.file import RulesError
from shared.rules.model import RuleSet


@dataclass(frozen=True, slots=True)
class Ruled:
    written: RuleSet
    """As a person wrote them."""
    rules: RuleSet
    """The same, each with the ids of the rooms that fit it."""
    unchecked: tuple[str, ...] = ()
    """What could not be listed."""


def ruled(settings: Settings, client: Client) -> Ruled:
    """TransientError where portal or database cannot be asked; PermanentError for rules that cannot be read."""
    try:
        written = rules_now(settings)
    except RulesError as error:
        raise PermanentError("; ".join(str(error).splitlines())) from error
    if not written.by_room_tests:
        return Ruled(written, written)
    try:
        return Ruled(written, with_fitting(written, Places(client).every_room()))
    except (RefusedError, ScopeMissingError, UnexplainedError) as error:
        return Ruled(written, written, (f"the rooms that fit a rule, which cannot be listed ({error})",))
