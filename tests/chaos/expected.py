"""Which invoices the uploads of a run were, and for which of them a webhook was answered 2xx. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tests.chaos.plan import Upload


class Identity(NamedTuple):
    """Of a file. The id alone does not do: the portal gives it again when its newest file is purged, and
    third-party storage gives one to file after file.
    """

    file_id: int | str
    created: str
    """As the simulator's state tells it."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What the portal answered to an upload."""

    upload: Upload
    file: Identity
    version: int
    at: datetime
    modified: str
    """As the portal's own records tell it: with the file it names the version."""


@dataclass(slots=True)
class Expected:
    """One file: an upload, and the new versions of it that came before it was filed. One move, a mail a version."""

    file: Identity
    uploads: list[Uploaded] = field(default_factory=list)
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
        return f"{self.title} (file {self.file.file_id}, uploaded {times})"


def identity(record: dict[str, Any], file_id: str = "file_id") -> Identity:
    """Of the file that a record of the simulator is about."""
    return Identity(record[file_id], record["created"])


def expected(uploaded: Sequence[Uploaded], deliveries: Sequence[dict[str, Any]]) -> dict[Identity, Expected]:
    """One for each file, in the order in which they came."""
    found: dict[Identity, Expected] = {}
    answers = _answers(uploaded, deliveries)
    for index, one in enumerate(uploaded):
        file = found.setdefault(one.file, Expected(one.file))
        file.uploads.append(one)
        if index in answers:
            file.accepted.append(one)
            file.accepted_at = min(answers[index], file.accepted_at or answers[index])
    return found


def _answers(uploaded: Sequence[Uploaded], deliveries: Sequence[dict[str, Any]]) -> dict[int, datetime]:
    """The first 2xx to each upload, by its index.

    Of what was moved in the events told another place: whatever was answered, nobody was told of an invoice.
    """
    upload = {(one.file, one.modified): index for index, one in enumerate(uploaded) if not one.upload.moved_in}
    found: dict[int, datetime] = {}
    for delivery in deliveries:
        index = upload.get((identity(delivery), delivery["modified"]))
        if index is not None and delivery["status"] // 100 == 2:
            at = datetime.fromisoformat(delivery["at"])
            found[index] = min(at, found.get(index, at))
    return found
