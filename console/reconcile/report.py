"""What one pass found and what became of it, counted and told. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.reconcile.finding import LEFT_ALONE, Finding, State
from shared.text.outside import cell
from shared.wire.events import EntryId

TOLD = frozenset({State.MISSED, State.DONE, State.DEAD, State.LATE, State.WAITING})
"""Named to a person without being asked."""


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    """By state, each that there is."""
    injected: int
    webhook: str | None = None
    """What is wrong with the portal's webhook."""
    unchecked: tuple[str, ...] = ()
    """What could not be looked at."""
    hidden_rooms: tuple[str, ...] = ()
    """Those of it that are rooms, by their ids."""

    @property
    def looked_at(self) -> int:
        return sum(self.counts.values())


class Tally:
    """A file that lies in two ruled places counts once, by what is more than to be left alone."""

    def __init__(self, *, keeps_all: bool) -> None:
        """`keeps_all`: also what is left alone, which may be most of many rooms."""
        self._keeps_all = keeps_all
        self._states: dict[EntryId, State] = {}
        self._kept: dict[EntryId, Finding] = {}

    def add(self, finding: Finding) -> None:
        file_id = finding.file.id
        before = self._states.get(file_id)
        if before is not None and before not in LEFT_ALONE and finding.state in LEFT_ALONE:
            return
        self.replace(finding)

    def replace(self, finding: Finding) -> None:
        file_id = finding.file.id
        self._states[file_id] = finding.state
        self._kept.pop(file_id, None)
        if self._keeps_all or finding.state not in LEFT_ALONE:
            self._kept[file_id] = finding

    def of(self, state: State) -> list[Finding]:
        return [finding for finding in self._kept.values() if finding.state is state]

    def report(
        self, injected: int, webhook: str | None, unchecked: tuple[str, ...], hidden_rooms: tuple[str, ...] = ()
    ) -> Report:
        counted = Counter(self._states.values())
        counts = {state.value: counted[state] for state in State}
        return Report(tuple(self._kept.values()), counts, injected, webhook, unchecked, hidden_rooms)


def keys(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts by names that a program likes."""
    return {name.replace(" ", "_"): count for name, count in counts.items()}


def as_json(report: Report) -> dict[str, Any]:
    files = [
        {
            "file_id": finding.file.id,
            "title": finding.file.title,
            "state": finding.state.value,
            "why": finding.reason,
        }
        for finding in report.findings
    ]
    return {
        "found": report.looked_at,
        "injected": report.injected,
        **keys(report.counts),
        "webhook": report.webhook,
        "unchecked": report.unchecked,
        "files": files,
    }


def text(report: Report, *, verbose: bool) -> str:
    lines = [f"{report.looked_at} files looked at, {report.injected} sent in"]
    lines += [f"  {count:>6}  {name}" for name, count in report.counts.items() if count]
    shown = [finding for finding in report.findings if verbose or finding.state in TOLD]
    lines += [cell(f"{found.state.value}: {found.file.title} ({found.file.id}): {found.reason}") for found in shown]
    return "\n".join(lines)
