"""The times by which the operator is told, all in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DAY_S = 86_400.0

PORTAL, WHOLE_PORTAL = "the portal's state", "portal"
"""Names of checks: how it is, by two small calls; and what it tells of key, rooms and webhook, by many."""


@dataclass(frozen=True, slots=True)
class Often:
    """From one look to the next: while all is well, and while something is not."""

    fine_s: float
    failing_s: float


OFTEN: Mapping[str, Often] = {
    "broker": Often(60, 30),
    "workers": Often(60, 30),
    "uploads": Often(30, 30),
    "pauses": Often(60, 30),
    "sweep": Often(300, 30),
    "rules": Often(300, 60),
    "hooks": Often(120, 60),
    "mail": Often(120, 30),
    PORTAL: Often(60, 30),
    WHOLE_PORTAL: Often(3600, 300),
}
"""By check of the doctor. What it costs decides how often it is made."""


@dataclass(frozen=True, slots=True)
class Times:
    look_s: float = 30.0
    """From one look at everything to the next."""
    lasts_s: float = 120.0
    """A problem is told once it has been there for so long, and has ended once it has been gone for so long."""
    again_s: float = DAY_S
    """From one message to the next about a problem that lasts."""
    escalate_s: float = 4 * 3600.0
    """Of office hours. If nobody acknowledges the problem by then, the next group is told."""
    unreached_s: float = 600.0
    """If no channel of a group takes the message for so long, the next group is told."""
    catch_up_s: float = 900.0
    """The message of an end waits at most so long for the uploads that waited to be done."""
    keep_trying_s: float = DAY_S
    """How long the message of an end is tried, where channels fail."""
    send_s: float = 60.0
    """What a channel has for one message, before the round goes on without it."""
    retry_s: tuple[float, ...] = (30.0, 60.0, 300.0, 900.0, 3600.0)
    """After a failure of a channel, and after each further one."""

    often: Mapping[str, Often] = field(default_factory=lambda: OFTEN)
    """How often each check is made. What is not in it is not looked at."""

    def pause_s(self, failures: int) -> float:
        """After so many failures, one after the other; at least one."""
        return self.retry_s[min(failures, len(self.retry_s)) - 1]
