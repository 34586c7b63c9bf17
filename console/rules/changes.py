"""The uploads of the last days under two sets of rules, from the broker's stream. Sequence only; prints nothing."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from console.connect.portal import portal_client
from console.explain.explanation import NoPortal
from console.rules.past_portal import AskedOnce
from console.rules.past_uploads import PastUpload, Places, collect
from console.rules.what_if import Compared, compare
from console.settings import given
from shared.amqp.operator.past import past
from shared.deciding.inquiry import Portal as Asked
from shared.errors import PermanentError
from shared.process.settings import Portal, load
from shared.rules.model import RuleSet
from shared.store.history.step import Delivery

BOTH = frozenset({"DOCSPACE_API_HOST", "DOCSPACE_API_KEY"})
"""What it takes to ask a portal."""
TELL_EVERY = 500
"""Messages or uploads between two words of progress."""

Tell = Callable[[str], None]


def changes(
    environ: Mapping[str, str],
    urls: Sequence[str],
    since: float,
    rules: tuple[RuleSet, RuleSet | None],
    tell: Tell = lambda _: None,
    *,
    offline: bool = False,
) -> list[Compared]:
    """Each upload since then. `rules`: the new ones, and those to compare with; None: what was decided in fact.

    IntakeError where the broker or its history is not there, or one of BOTH is set alone; SettingsError where the
    portal's settings are wrong. Without these, or if `offline`, no portal is asked.
    """
    doing = ""

    def asking(what: str) -> None:
        tell(f"{doing}, asking the portal about {what}")

    with _portal(environ, asking, offline=offline) as portal:
        uploads, places = _collected(urls, since, tell)
        compared = []
        for number, upload in enumerate(uploads.values()):
            doing = f"decided {number} of {len(uploads)} uploads"
            if number % TELL_EVERY == 0:
                tell(doing)
            compared.append(compare(upload, places, portal, *rules))
    return compared


def _collected(urls: Sequence[str], since: float, tell: Tell) -> tuple[dict[str, PastUpload], Places]:
    tell("reading the history")
    return collect(_counted(past(urls, since), tell), since)


def _counted(deliveries: Iterator[Delivery], tell: Tell) -> Iterator[Delivery]:
    for number, delivery in enumerate(deliveries, start=1):
        if number % TELL_EVERY == 0:
            tell(f"reading the history: {number} messages")
        yield delivery


@contextlib.contextmanager
def _portal(environ: Mapping[str, str], asking: Tell, *, offline: bool) -> Iterator[Asked]:
    missing = {name for name in BOTH if not given(name, environ)}
    if offline:
        yield NoPortal("it was not asked (--offline)")
    elif missing == BOTH:
        yield NoPortal()
    elif missing:
        (unset,), (has,) = missing, BOTH - missing
        raise PermanentError(f"the portal cannot be asked: {has} is set here and {unset} is not; set both or none")
    else:
        with contextlib.closing(portal_client(load(Portal, environ))) as client:
            yield AskedOnce(client, asking)
