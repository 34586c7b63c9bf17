"""Changing the webhook's secret while events come: what is said at each step, and whether the ingress is ready.

A portal has one secret for a webhook and changes it at once; what it signed before may still be on its way. So the
order is: the ingress learns the new one, the portal changes, the ingress forgets the old one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.connect.http import NoAnswerError
from console.connect.ingress import OK, OTHER_PORT, UNAUTHORIZED, UNAVAILABLE, another_program, signed_post
from console.webhook.proof import Proof
from console.webhook.secret import new_secret

AGAIN = "call intake webhook rotate again: it proves it, and only then says that the old one may go"
UNPROVEN = {
    Proof.NO_ROW: ("its log holds no delivery of this webhook that could show it", "After the next upload"),
    Proof.NOT_READABLE: (
        "its log does not show this key with which secret it signs",
        "With a key that may read the log (without limits, or with *:write)",
    ),
    Proof.NOT_IN_TIME: (
        "within five minutes no delivery ended that shows it",
        "When intake doctor says no more that events of ours wait",
    ),
}
"""Why it is not proven, and when it can be."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done, and what a person does next."""

    done: str
    env: str
    """The line for .env."""
    next: str
    proven: bool = False
    """Whether the portal signs with the new secret, and will go on so."""

    @property
    def text(self) -> str:
        return f"{self.done}\n\n  {self.env}\n\n{self.next}"


def begin(old: str) -> Steps:
    return Steps(
        "A new secret is made; nothing is changed yet. Put this line into .env, in place of the old one:",
        f"DOCSPACE_WEBHOOK_SECRET={old},{new_secret()}",
        "Then restart the ingress (docker compose up -d ingress), and call intake webhook rotate again.",
    )


def end(secrets: Sequence[str], proof: Proof) -> Steps:
    """After the portal was given the last of `secrets`."""
    if proof is Proof.PROVEN:
        return Steps(
            "The ingress takes events signed with each secret, and by the portal's log it signs with the new one. "
            "Put this line into .env:",
            f"DOCSPACE_WEBHOOK_SECRET={secrets[-1]}",
            "Then restart the ingress: the old secret is not used any more.",
            proven=True,
        )
    why, when = UNPROVEN[proof]
    return Steps(
        f"The portal took the new secret, but {why}. Keep this line in .env:",
        f"DOCSPACE_WEBHOOK_SECRET={','.join(secrets)}",
        f"{when} {AGAIN}. Until then intake status shows which secret the events that come are signed with.",
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
        if status == UNAUTHORIZED:
            yield (
                f"{address} answers {status} to what is signed with secret {number} of {len(secrets)}: "
                "restart it with the DOCSPACE_WEBHOOK_SECRET of .env"
            )
        elif status == UNAVAILABLE:
            yield f"{address} takes no events (503): start the broker; its spool is full or cannot be written"
            return
        elif status != OK:
            yield f"{another_program(address, status)}, or the way to the ingress leads there: {OTHER_PORT}"
            return
