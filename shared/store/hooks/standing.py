"""How an endpoint stands, and one attempt to send it something. Values only; times are seconds since the epoch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    name: str
    failing_since: float | None = None
    """Since when every attempt failed; None where the last one succeeded."""
    accepted_at: float | None = None
    disabled_at: float | None = None
    """None: it is enabled."""
    disabled_by: str | None = None
    disabled_why: str | None = None
    missed: int = 0
    """How many events it was not sent since a person looked after them."""
    missed_since: float | None = None
    """When the first of these happened."""

    @property
    def disabled(self) -> bool:
        return self.disabled_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    endpoint: str
    at: float
    took_s: float
    event: str
    """The type of the event."""
    webhook_id: str
    attempt: int
    status: int | None
    """None: no answer came."""
    answer: str
    """What was answered, or why nothing was."""

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own
