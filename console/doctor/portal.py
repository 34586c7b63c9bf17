"""The portal: does it answer, is the key good and until when, what may it do, does its clock agree with ours?"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from console.doctor.line import Area, Line
from shared.docspace.client import Client
from shared.docspace.errors import ForbiddenError, KeyRefusedError
from shared.docspace.model import KeyInfo
from shared.errors import IntakeError

AREA = Area("portal")
EXPIRES_SOON = timedelta(days=14)
SKEW_NOTICED, SKEW_WRONG = timedelta(seconds=5), timedelta(seconds=60)
"""The portal tells whole seconds and the way takes time: below five nothing is known."""
NEW_KEY = "make a new one in the portal: Settings > Developer tools > API keys; set it as DOCSPACE_API_KEY, restart"
SCOPES = {
    "files:read": ("*", "*:read", "*:write", "files:read", "files:write"),
    "files:write": ("*", "*:write", "files:write"),
}
"""What the workers need, and what each may be granted by."""


def now() -> datetime:
    return datetime.now(UTC)


def check(portal: Client, clock: Callable[[], datetime] = now) -> Iterator[Line]:
    try:
        key = portal.key()
    except KeyRefusedError:
        yield AREA.failed(f"{portal.host} refuses our API key (401)", NEW_KEY)
        return
    except ForbiddenError:
        yield AREA.warning("does not tell about the API key (403)", "look at the key's permissions in the portal")
        return
    except IntakeError as error:
        yield AREA.failed(str(error), "correct DOCSPACE_API_HOST, or see whether the portal is up")
        return
    yield AREA.ok(f"{portal.host} answers, and takes the API key")
    yield from key_lines(key, clock())
    yield from _user(portal)
    yield from _clock(portal, clock)


def key_lines(key: KeyInfo, at: datetime) -> Iterator[Line]:
    """What the key says of itself."""
    if not key.active:
        yield AREA.failed(f'the API key "{key.name}" is switched off', "switch it on in the portal")
    if key.expires_at is None:
        yield AREA.ok("the API key does not expire")
    else:
        yield _expiry(key.expires_at, at)
    missing = [
        scope for scope, granted_by in SCOPES.items() if key.permissions and not {*granted_by} & {*key.permissions}
    ]
    if missing:
        yield AREA.failed(f"the API key lacks the permission {', '.join(missing)}", NEW_KEY)
    else:
        yield AREA.ok(f"the API key may: {', '.join(key.permissions) or 'whatever its user may'}")


def _expiry(written: str, at: datetime) -> Line:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return AREA.warning(f"the API key expires at {written}, which is no date", "look at it in the portal")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    told = f"{moment:%Y-%m-%d %H:%M}"
    if moment <= at:
        return AREA.failed(f"the API key expired at {told}", NEW_KEY)
    if moment - at < EXPIRES_SOON:
        return AREA.warning(f"the API key expires at {told}, in {(moment - at).days} days", NEW_KEY)
    return AREA.ok(f"the API key expires at {told}")


def _user(portal: Client) -> Iterator[Line]:
    try:
        portal.self_id()
    except ForbiddenError:
        yield AREA.warning(
            "the API key may not see who its user is, so uploads of the service user are not told from a client's",
            "add the permission accounts.self:read to the key",
        )
    except IntakeError as error:
        yield AREA.warning(f"does not tell who our user is: {error}", "try again soon")


def _clock(portal: Client, clock: Callable[[], datetime]) -> Iterator[Line]:
    before = clock()
    try:
        theirs = portal.clock()
    except IntakeError as error:
        yield AREA.warning(f"does not tell its time: {error}", "try again soon")
        return
    if theirs is None:
        return
    ahead = before + (clock() - before) / 2 - (theirs + timedelta(seconds=0.5))
    if abs(ahead) < SKEW_NOTICED:
        yield AREA.ok("its clock and ours agree")
        return
    text = f"our clock is {abs(ahead).total_seconds():.0f} s {'ahead of' if ahead > timedelta() else 'behind'} its"
    mend = "set this machine's clock by NTP (timedatectl set-ntp true)"
    yield AREA.failed(text, mend) if abs(ahead) >= SKEW_WRONG else AREA.warning(text, mend)
