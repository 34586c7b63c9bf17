"""Changing the webhook's secret while events come: the ingress knows both before the portal uses the new one.

A portal has one secret for a webhook and changes it at once; what it signed before may still be on its way. So the
order is: the ingress learns the new one, the portal changes, the ingress forgets the old one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.http_call import NoAnswerError
from console.ingress_call import OK, signed_post
from console.webhook.secret import new_secret

SETTLED_AFTER_S = 60
"""A portal repeats a failed delivery for about 31 s, and each time signs anew; what is under way takes a little."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done, and what a person does next."""

    done: str
    env: str
    """The line for .env."""
    next: str

    @property
    def text(self) -> str:
        return f"{self.done}\n\n  {self.env}\n\n{self.next}"


def begin(old: str) -> Steps:
    return Steps(
        "A new secret is made; nothing is changed yet. Put this line into .env, in place of the old one:",
        f"DOCSPACE_WEBHOOK_SECRET={old},{new_secret()}",
        "Then restart the ingress (docker compose up -d ingress), and call intake webhook rotate again.",
    )


def end(new: str) -> Steps:
    return Steps(
        "The ingress took events signed with each secret, and the portal has the new one now.",
        f"DOCSPACE_WEBHOOK_SECRET={new}",
        f"After {SETTLED_AFTER_S} s put this line into .env and restart the ingress: the old secret is not used "
        "any more. Then see intake doctor.",
    )


def refusals(addresses: Sequence[str], secrets: Sequence[bytes]) -> list[str]:
    """For each ingress what it does not take; empty if all take every secret. Sends events that are skipped."""
    return [fault for address in addresses for fault in _refused(address, secrets)]


def _refused(address: str, secrets: Sequence[bytes]) -> Iterator[str]:
    for number, secret in enumerate(secrets, start=1):
        try:
            status = signed_post(address, secret)
        except NoAnswerError as error:
            yield f"{address} does not answer: {error}"
            return
        if status != OK:
            yield (
                f"{address} answers {status} to what is signed with secret {number} of {len(secrets)}: "
                "restart it with the DOCSPACE_WEBHOOK_SECRET of .env"
            )
