"""Which invoices the uploads of a run were, and for which of them a webhook was answered 2xx. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos.plan import Upload


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What the portal answered to an upload."""

    upload: Upload
    file_id: int | str
    version: int
    at: datetime


@dataclass(slots=True)
class Expected:
    """One file: an upload, and the new versions of it that came before it was filed. One move, a mail a version."""

    file_id: int | str
    uploads: list[Uploaded]
    accepted: list[Uploaded] = field(default_factory=list)
    accepted_at: datetime | None = None
    """When the first webhook was answered 2xx."""

    @property
    def title(self) -> str:
        return self.uploads[0].upload.title

    @property
    def is_invoice(self) -> bool:
        return self.uploads[0].upload.invoice

    @property
    def last_at(self) -> datetime:
        """When the newest version came that we were told of."""
        return (self.accepted or self.uploads)[-1].at

    def __str__(self) -> str:
        times = ", ".join(f"{one.at:%H:%M:%S.%f}"[:-3] for one in self.uploads)
        return f"{self.title} (file {self.file_id}, uploaded {times})"


def expected(uploaded: Sequence[Uploaded], deliveries: Sequence[dict[str, Any]]) -> dict[int | str, list[Expected]]:
    """By file id, in order: third-party storage gives one id to file after file, and a first version begins one."""
    found: dict[int | str, list[Expected]] = defaultdict(list)
    answers = _answers(uploaded, deliveries)
    for index, one in enumerate(uploaded):
        files = found[one.file_id]
        if one.version == 1 or not files:
            files.append(Expected(one.file_id, []))
        files[-1].uploads.append(one)
        if index in answers:
            files[-1].accepted.append(one)
            files[-1].accepted_at = min(answers[index], files[-1].accepted_at or answers[index])
    return found


def _answers(uploaded: Sequence[Uploaded], deliveries: Sequence[dict[str, Any]]) -> dict[int, datetime]:
    """The first 2xx to each upload, by its index. The n-th event of a file and trigger is its n-th upload's.

    Every upload fires `file.uploaded` once for a webhook, a simple one `file.created` too.
    """
    fired: dict[tuple[int | str, str], list[int]] = defaultdict(list)
    for index, one in enumerate(uploaded):
        fired[one.file_id, "file.uploaded"].append(index)
        if one.upload.kind == "simple":
            fired[one.file_id, "file.created"].append(index)
    events: dict[tuple[int | str, str, int], dict[int, datetime | None]] = defaultdict(dict)
    for delivery in sorted(deliveries, key=lambda delivery: int(delivery["event_id"])):
        of = events[delivery["file_id"], delivery["trigger"], delivery["webhook_id"]]
        taken_at = datetime.fromisoformat(delivery["at"]) if delivery["status"] // 100 == 2 else None
        of[delivery["event_id"]] = of.get(delivery["event_id"]) or taken_at
    found: dict[int, datetime] = {}
    for (file_id, trigger, _), results in events.items():
        for index, taken_at in zip(fired[file_id, trigger], results.values(), strict=False):
            if taken_at is not None:
                found[index] = min(taken_at, found.get(index, taken_at))
    return found
