"""All that an action can do, by name."""

from console.actions.letters import PutAway, Retry, TakeBack
from console.actions.verb import BadFilterError, Verb

VERBS: dict[str, Verb] = {verb.name: verb for verb in (Retry(), PutAway(), TakeBack())}


def verb_of(name: str) -> Verb:
    """BadFilterError where there is none."""
    try:
        return VERBS[name]
    except KeyError:
        raise BadFilterError(f"there is no action {name!r}, only {', '.join(VERBS)}") from None
