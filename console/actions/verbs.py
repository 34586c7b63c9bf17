"""All that an action can do, by name."""

from console.actions.letters import PutAway, Retry, TakeBack
from console.actions.outbox import SendNow
from console.actions.problems import Acknowledge, Silence
from console.actions.rules import PublishRules
from console.actions.stages import LookIntoRoom, Pause, Resume
from console.actions.uploads import AnnounceAgain, FileAnyway
from console.actions.verb import BadFilterError, Verb
from console.actions.waiting import TryNow

_ALL: tuple[Verb, ...] = (
    Retry(),
    TryNow(),
    PutAway(),
    TakeBack(),
    AnnounceAgain(),
    FileAnyway(),
    LookIntoRoom(),
    Pause(),
    Resume(),
    PublishRules(),
    SendNow(),
    Acknowledge(),
    Silence(),
)
VERBS = {verb.name: verb for verb in _ALL}


def verb_of(name: str) -> Verb:
    """BadFilterError where there is none."""
    try:
        return VERBS[name]
    except KeyError:
        raise BadFilterError(f"there is no action {name!r}, only {', '.join(VERBS)}") from None
