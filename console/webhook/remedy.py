"""What a person can do where the portal refuses a webhook. Advice: no decision rests on the portal's words."""

from shared.docspace.errors import RefusedError, TryLaterError
from shared.errors import IntakeError

ADMINISTRATOR = "ask a DocSpace administrator (Settings > Developer tools > Webhooks shows them all)"
REMEDIES = {
    "SSL connection": "the portal does not trust the certificate of {url}: give it one of a known authority for "
    "that name, with its whole chain, or let the portal's host trust yours",
    "HTTPS is required": "the portal wants a certificate of an http address: intake webhook enable ID mends it",
    "HEAD request": "{url} itself must answer a HEAD with 200: no redirect, no login, no other page in its place",
    "same name and payload URL": "it is there already, unseen by the service user: another user's calls "
    f"us; {ADMINISTRATOR}. Under another --name every event would come twice",
    "blacklist": "a self-hosted portal refuses private addresses unless its webhooks.blacklist says otherwise",
    "DNS resolution": "the portal's host does not know that name: correct the address, or the portal's DNS",
    "Password": "the portal's password policy (Settings > Security) holds for the secret too: set another "
    "DOCSPACE_WEBHOOK_SECRET, restart the ingress, and repeat this",
    "Trigger is not available": "make the service user a room admin, or take the trigger out of the rules",
}
"""By what the portal's sentence holds (tests/recorded/hook-*.json)."""
UNREACHABLE = (
    "the portal cannot reach {url}: start the ingress, and see that the address leads to it from the portal's own "
    "host (name, port, firewall)"
)
SERVER_ERROR = 500


def remedy(error: IntakeError, url: str) -> str | None:
    """For an error of making or changing a webhook that calls `url`; None where its sentence says all."""
    if not isinstance(error, RefusedError | TryLaterError):
        return None
    said = str(error)
    found = next((text for part, text in REMEDIES.items() if part in said), None)
    if found is None and isinstance(error, TryLaterError) and error.status == SERVER_ERROR:
        found = UNREACHABLE
    return found.format(url=url) if found else None
