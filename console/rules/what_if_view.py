"""What would change under other rules: a table on a terminal, tabs in a pipe, JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from console.history.view import utc
from console.rules.past_uploads import Decided, Outcome
from console.rules.what_if import Compared
from console.terminal.printing import one_line, say, say_table
from shared.text.outside import cell

COLUMNS = ("received", "title", "room", "before", "with the new rules", "upload")


@dataclass(frozen=True, slots=True)
class Report:
    since: float
    against: str
    """What is compared with: the other file's name, or `decided`, which is what happened."""
    compared: Sequence[Compared]

    @property
    def changed(self) -> list[Compared]:
        return sorted((one for one in self.compared if one.changed), key=lambda one: one.upload.at, reverse=True)

    @property
    def unknown(self) -> list[Compared]:
        return [one for one in self.compared if one.unknown]

    @property
    def same(self) -> int:
        return len(self.compared) - len(self.changed) - len(self.unknown)

    @property
    def began_at(self) -> float | None:
        return min((one.upload.at for one in self.compared), default=None)


def as_json(report: Report) -> dict[str, Any]:
    return {
        "since": utc(report.since),
        "first": None if report.began_at is None else utc(report.began_at),
        "against": report.against,
        "uploads": len(report.compared),
        "same": report.same,
        "changed": len(report.changed),
        "unknown": len(report.unknown),
        "changes": [_record(one) for one in report.changed],
        "unknowns": [_record(one) | {"why": one.why_unknown} for one in report.unknown],
        "service_user_unknown": _nobody_is_us(report),
    }


def rows(report: Report, limit: int) -> Iterator[tuple[str, ...]]:
    for one in report.changed[:limit]:
        yield (
            utc(one.upload.at),
            one.title,
            one.room,
            _cell(one.old),
            _cell(one.new),
            one.upload.correlation_id,
        )


def plain(report: Report, limit: int) -> None:
    for row in rows(report, limit):
        say(one_line(row))


def rich_table(report: Report, limit: int) -> None:
    say_table(COLUMNS, ((map(cell, row), "") for row in rows(report, limit)))


def summary(report: Report, limit: int) -> str:
    changed, unknown = report.changed, report.unknown
    first = "" if report.began_at is None else f", the first of {utc(report.began_at)}"
    counts = f"{len(changed)} would change, {report.same} stay the same, {len(unknown)} unknown"
    lines = [f"{len(report.compared)} uploads{first}: {counts}"]
    kinds = Counter((_kind(one.old), _kind(one.new)) for one in changed)
    lines += [f"  {count:>6}  {old} -> {new}" for (old, new), count in kinds.most_common()]
    lines += [f"  {count:>6}  unknown: {cell(why)}" for why, count in _reasons(unknown)]
    if len(changed) > limit:
        lines.append(f"Shown are the latest {limit} of what would change: --limit shows more.")
    if _nobody_is_us(report):
        lines.append("Who the service user is was not told: its own uploads were taken for a client's.")
    return "\n".join(lines)


def _reasons(unknown: Sequence[Compared]) -> list[tuple[str, int]]:
    shown = 5
    counted = Counter(one.why_unknown for one in unknown).most_common()
    rest = sum(count for _, count in counted[shown:])
    return counted[:shown] + ([("other reasons, see --json", rest)] if rest else [])


def _nobody_is_us(report: Report) -> bool:
    return any(one.nobody_is_us for one in report.compared)


def _cell(told: Decided) -> str:
    if told.outcome is not Outcome.INVOICE:
        return f"{told.outcome}: {told.reason}"
    return f'invoice: rule "{told.rule}", to folder {told.destination}, tells {", ".join(_told(told)) or "nobody"}'


def _kind(told: Decided) -> str:
    return f"invoice in folder {told.destination}" if told.outcome is Outcome.INVOICE else told.outcome.value


def _record(one: Compared) -> dict[str, Any]:
    return {
        "upload": one.upload.correlation_id,
        "received": utc(one.upload.at),
        "file_id": one.file_id,
        "title": one.title,
        "room": one.room or None,
        "old": _decided(one.old),
        "new": _decided(one.new),
    }


def _decided(told: Decided) -> dict[str, Any]:
    return {
        "outcome": told.outcome,
        "reason": told.reason or None,
        "rule": told.rule,
        "destination": told.destination,
        "recipients": list(told.recipients),
        "channels": None if told.channels is None else _schemes(told),
    }


def _told(told: Decided) -> list[str]:
    return [*told.recipients, *_schemes(told)]


def _schemes(told: Decided) -> list[str]:
    """Of a channel's URL only the scheme: the rest is a secret."""
    return [url.partition("://")[0] for url in told.channels or ()]
