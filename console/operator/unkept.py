"""The problem that cannot be kept: the database is away. Each process tells of it by itself, once."""

import threading
from collections.abc import Callable, Sequence

import structlog

from console.doctor.line import Level
from console.operator import text
from console.operator.channels import Channel, Letter
from console.operator.times import Times
from shared.errors import IntakeError
from shared.store.problems.known import Seen

CAUSE = "ledger:away"

log = structlog.get_logger()


class Unkept:
    """For one thread. `channels` are those of the first group."""

    def __init__(self, channels: Sequence[Channel], times: Times) -> None:
        self._channels = channels
        self._times = times
        self._since: float | None = None
        self._reason = ""
        self._told: set[str] = set()

    def away(self, reason: str, now: float) -> None:
        """The database cannot be used. Told once it has been so for long enough."""
        self._since, self._reason = now if self._since is None else self._since, reason
        if now - self._since < self._times.lasts_s:
            return
        subject = "Problem: the database cannot be used"
        body = (
            f"{subject}\n\n{reason}\n\nFor {text.lasting(now - self._since)} by now. Uploads wait, and nothing is "
            f"lost.\nWhat to do: {self._seen().remedy}\n\n"
            "Nobody can acknowledge it while it lasts, and if several reconcilers run, each tells it."
        )
        letter = Letter(text.said(subject, body), text.said(subject, body, chat=True), CAUSE, CAUSE)
        waiting = [channel for channel in self._channels if channel.id not in self._told]
        threads = [threading.Thread(target=self._tell, args=(channel, letter), daemon=True) for channel in waiting]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self._times.send_s)

    def back(self, keep: Callable[[Seen, float, Sequence[str]], None]) -> None:
        """It can be used again: `keep` is given what was told, so that its end is told too. What `keep` raises is
        raised, and then it is given it again.
        """
        if self._since is not None and self._told:
            keep(self._seen(), self._since, sorted(self._told))
        self._since, self._told = None, set()

    def _seen(self) -> Seen:
        return Seen(
            family=CAUSE, cause=CAUSE, found_by="ledger", level=Level.FAILED,
            title="the database cannot be used",
            remedy="start the database, or correct DATABASE_URL",
        )  # fmt: skip

    def _tell(self, channel: Channel, letter: Letter) -> None:
        try:
            channel.send(letter)
        except IntakeError as error:
            log.error("operator.not_told", channel=channel.name, reason=str(error))  # noqa: TRY400
        else:
            self._told.add(channel.id)
            log.info("operator.told", channel=channel.name, subject=letter.full.subject)
