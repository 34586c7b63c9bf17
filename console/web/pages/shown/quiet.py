"""Whether a room is quieter than usual, by when its last upload came and how many came in a month. Pure."""

DAY_S = 86_400
ENOUGH = 4
"""Fewer uploads in a month tell nothing of what is usual."""
TIMES, LEAST_S = 4, 3 * DAY_S
"""Longer than so many usual gaps, and than a weekend with a day."""


def usual_gap_s(uploads: int, days: int = 30) -> float | None:
    """None where too few came."""
    return days * DAY_S / uploads if uploads >= ENOUGH else None


def is_quiet(last_at: float | None, uploads: int, now: float, days: int = 30) -> bool:
    """`uploads` are those of so many days."""
    gap_s = usual_gap_s(uploads, days)
    return gap_s is not None and last_at is not None and now - last_at > max(TIMES * gap_s, LEAST_S)
