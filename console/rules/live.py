"""The rules that the workers run with, for a command. Where they cannot be had, the command ends."""

import typer

from console.settings import FAILED, USAGE
from console.terminal.printing import complain, say
from shared.errors import TransientError
from shared.process.live_rules import RuledDatabase, rules_now
from shared.rules.file import RulesError
from shared.rules.model import RuleSet


def live_or_exit(settings: RuledDatabase) -> RuleSet:
    """Exit code 1 where the database cannot tell, 2 for published rules that this program cannot read."""
    try:
        return rules_now(settings)
    except TransientError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    except RulesError as error:
        say(str(error), err=True)
        raise typer.Exit(USAGE) from None
