"""The portal: does it work, is the key good and until when, what may it do, does its clock agree with ours?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.doctor.line import Area, Line
from shared.docspace.client import Client
from shared.docspace.errors import ScopeMissingError
from shared.docspace.model import KeyInfo
from shared.docspace.state import Fault, State
from shared.errors import IntakeError

AREA = Area("portal")
NEEDED = ("files:read", "files:write")
"""What the workers' calls want of a key with limits."""
EXPIRES_SOON = timedelta(days=14)
SKEW_NOTICED, SKEW_WRONG = timedelta(seconds=5), timedelta(seconds=60)
"""The portal tells whole seconds and the way takes time: below five nothing is known."""
KEYS = "Settings > Developer tools > API keys"
NEW_KEY = f"make a new one in the portal: {KEYS}; {{give_key}}"
FAULTS = {
    Fault.SUSPENDED: ("{host} is suspended", "its owner renews it; the work waits and goes on by itself"),
    Fault.BEING_CHANGED: ("{host} is being restored, moved or encrypted", "wait: it comes back by itself"),
    Fault.UNPAID: ("{host} is unpaid (402)", "its owner renews the plan; the work waits and goes on by itself"),
    Fault.KEY_REFUSED: (
        "{host} refuses our API key (401): wrong, switched off or expired, or its user is disabled",
        NEW_KEY,
    ),
    Fault.KEY_LOST: (
        "our API key does not arrive at {host}: it takes us for nobody",
        "let the proxy pass the Authorization header, and see that the key begins with sk-",
    ),
}
"""Of what the portal itself says; for the others the reason tells what came instead."""
OTHER_MENDS = {
    Fault.UNREACHABLE: "{give_host}, or see whether the portal is up",
    Fault.WAY: "see what {host}/api/2.0/settings shows: the portal says docSpace there; {give_host}, "
    "or correct what stands in between",
}


@dataclass(frozen=True, slots=True)
class Giving:
    """How a person gives us another key or address, where the lines are read."""

    key: str = "set it as DOCSPACE_API_KEY, then restart the workers"
    host: str = "correct DOCSPACE_API_HOST"
    again: str = "run doctor again in a minute"

    def mend(self, written: str, host: str = "") -> str:
        return written.replace("{give_key}", self.key).replace("{give_host}", self.host).replace("{host}", host)


IN_SETTINGS = Giving()


def now() -> datetime:
    return datetime.now(UTC)


def check(portal: Client, clock: Callable[[], datetime] = now, giving: Giving = IN_SETTINGS) -> Iterator[Line]:
    """The first line has failed where nothing more can be asked of the portal."""
    state = portal.state()
    if state.fault:
        yield _fault(state.fault, state.reason, portal.host, giving)
        return
    if not state.told:
        yield AREA.failed(
            f"{portal.host} limits our rate, and answers nothing now", giving.again, cause="rate-limit"
        )
        return
    yield AREA.ok(f"{portal.host} answers, and takes the API key")
    try:
        yield from key_lines(portal.key(), clock(), giving)
    except IntakeError as error:
        yield AREA.warning(f"does not tell about the API key: {error}", "try again soon", cause="unseen-key")
    yield from _user(portal)
    yield from _clock(portal, clock)


def _fault(fault: Fault, reason: str, host: str, giving: Giving) -> Line:
    text, mend = FAULTS.get(fault) or (reason, OTHER_MENDS[fault])
    return AREA.failed(text.replace("{host}", host), giving.mend(mend, host), cause=fault.value.value)


def key_lines(key: KeyInfo, at: datetime, giving: Giving = IN_SETTINGS) -> Iterator[Line]:
    """What the key says of itself."""
    if not key.active:
        yield AREA.failed(
            f'the API key "{key.name}" is switched off', "switch it on in the portal", cause="key-off"
        )
    if key.expires_at is None:
        yield AREA.ok("the API key does not expire")
    else:
        yield _expiry(key.expires_at, at, giving.mend(NEW_KEY))
    missing = State(permissions=key.permissions).lacks(*NEEDED)
    if missing:
        mend = f"give it that in the portal: {KEYS}; or {NEW_KEY}"
        yield AREA.failed(
            f"the API key lacks the permission {', '.join(missing)}",
            giving.mend(mend),
            cause="key-lacks-permission",
        )
    else:
        yield AREA.ok(f"the API key may: {', '.join(key.permissions) or 'whatever its user may'}")


def _expiry(written: str, at: datetime, new_key: str) -> Line:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return AREA.warning(
            f"the API key expires at {written}, which is no date", "look at it in the portal", cause="unseen-key"
        )
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    told = f"{moment:%Y-%m-%d %H:%M}"
    if moment <= at:
        return AREA.failed(f"the API key expired at {told}", new_key, cause="key-expired")
    if moment - at < EXPIRES_SOON:
        return AREA.warning(
            f"the API key expires at {told}, in {(moment - at).days} days", new_key, cause="key-expires"
        )
    return AREA.ok(f"the API key expires at {told}")


def _user(portal: Client) -> Iterator[Line]:
    try:
        portal.self_id()
    except ScopeMissingError:
        yield AREA.warning(
            "the API key may not see who its user is, so uploads of the service user are not told from a client's",
            "add the permission accounts.self:read to the key",
            cause="user-hidden",
        )
    except IntakeError as error:
        yield AREA.warning(f"does not tell who our user is: {error}", "try again soon", cause="unseen-user")


def _clock(portal: Client, clock: Callable[[], datetime]) -> Iterator[Line]:
    before = clock()
    try:
        theirs = portal.clock()
    except IntakeError as error:
        yield AREA.warning(f"does not tell its time: {error}", "try again soon", cause="unseen-clock")
        return
    if theirs is None:
        return
    ahead = before + (clock() - before) / 2 - (theirs + timedelta(seconds=0.5))
    if abs(ahead) < SKEW_NOTICED:
        yield AREA.ok("its clock and ours agree")
        return
    text = f"our clock is {abs(ahead).total_seconds():.0f} s {'ahead of' if ahead > timedelta() else 'behind'} its"
    mend = "set this machine's clock by NTP (timedatectl set-ntp true)"
    yield (
        AREA.failed(text, mend, cause="clock")
        if abs(ahead) >= SKEW_WRONG
        else AREA.warning(text, mend, cause="clock")
    )
