"""The webhook, last of all: the portal calls the address when it is registered, so the ingress must be there."""

import time
from collections.abc import Sequence

from console.setup.person import Person
from console.webhook import making, rotation
from console.webhook.choice import needed_triggers, ours
from console.webhook.command import NAME
from console.webhook.kept import Wanted
from console.webhook.proof import Pace, Proof, Prover
from console.webhook.remedy import remedy
from console.webhook.rotate import OurSide
from shared.docspace.client import Client
from shared.docspace.errors import ForbiddenError, ScopeMissingError
from shared.docspace.webhooks import Webhook, Webhooks
from shared.errors import IntakeError
from shared.rules.model import RuleSet

LOOK_EVERY_S = 1.0
PACE = Pace(limit_s=60)
"""A person waits for the end of the setup."""
BY_HAND = (
    "This key may not see webhooks; one without limits, or with *:write, may. By hand: in the portal, "
    "Settings > Developer tools > Webhooks > Create, with the address {url}, the DOCSPACE_WEBHOOK_SECRET of .env, "
    "and the triggers {triggers}"
)


def ingress_is_ready(person: Person, url: str, secrets: Sequence[bytes], deadline: float | None) -> bool:
    """Whether it takes what is signed with our secrets: asked until the monotonic clock says `deadline`.

    Without one a person is asked when to look again, and a script is told at once.
    """
    told = False
    while refused := rotation.refusals([url], secrets):
        if deadline is not None and time.monotonic() < deadline:
            if not told:
                person.tell(f"\nWaiting for the ingress: {refused[0]}")
                told = True
            time.sleep(LOOK_EVERY_S)
            continue
        person.tell("\n" + "\n".join(refused))
        if not person.on_terminal or deadline is not None:
            return False
        typed = person.line(
            "Start the ingress with this .env, then press Enter to look again (s: skip the webhook)"
        )
        if typed.lower() == "s":
            return False
    return True


def register(person: Person, client: Client, url: str, secret: str, rules: RuleSet) -> Webhook | None:
    """Ours, with our secret, the rules' triggers, and switched on; None where the portal did not do it.

    A webhook that calls us already gets our secret: the ingress has just taken what is signed with it, and no
    portal shows the one that it had.
    """
    triggers = needed_triggers(rules)
    webhooks = Webhooks(client)
    lasts = False
    try:
        found = ours(webhooks.list(), url)
        if found:
            made = making.completed(webhooks, found[0], Wanted(url, frozenset(triggers)))
            prover = Prover(OurSide(client, made.webhook, secret), (secret.encode(),), person.tell, PACE)
            lasts = prover.put_quietly() or prover.run() is Proof.PROVEN
        else:
            made = making.created(webhooks, name=NAME, url=url, secret=secret, triggers=triggers)
    except (ForbiddenError, ScopeMissingError):
        person.tell("\n" + BY_HAND.format(url=url, triggers=" and ".join(triggers)))
        return None
    except IntakeError as error:
        advice = remedy(error, url)
        person.tell(f"\nThe webhook is not registered: {error}" + (f"\n{advice}" if advice else ""))
        return None
    done = made.webhook
    for sentence in made.said:
        person.tell(sentence)
    what = "was there, and has our secret now" if lasts else "is registered"
    if found and not lasts:
        what = "was there, and was given our secret; whether it signs with it the next upload tells (intake doctor)"
    person.tell(f'\nThe webhook {done.id} "{done.name}" {what}. It calls {done.url}')
    return done
