"""Decides which deliveries to acknowledge now: neighbours in one ack, without waiting long for a slow one. Pure."""

from dataclasses import dataclass

HEAD_PATIENCE_S = 0.02
"""How long finished messages wait for an older unfinished one, so that one `multiple` ack serves them all.
Longer would hold the prefetch window closed behind a slow handler."""


@dataclass(frozen=True, slots=True)
class Ack:
    tag: int
    multiple: bool


class AckWindow:
    """The delivery tags of one channel, in the order in which they came. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._open: dict[int, bool] = {}
        """tag -> finished; insertion order is delivery order."""
        self._finished = 0
        self._waiting_since: float | None = None

    def __len__(self) -> int:
        return len(self._open)

    def add(self, tag: int) -> None:
        self._open[tag] = False

    def finish(self, tag: int) -> None:
        """The delivery may be acknowledged. Repeating it, or a tag that is not open, changes nothing."""
        if self._open.get(tag) is False:
            self._open[tag] = True
            self._finished += 1

    def forget(self, tag: int) -> None:
        """The delivery was answered in another way, by a reject."""
        del self._open[tag]

    def take(self, now: float) -> list[Ack]:
        """The acks to send now. Call again within HEAD_PATIENCE_S while `waiting`."""
        acks = self._take_run()
        if not self._finished:
            self._waiting_since = None
        elif acks or self._waiting_since is None:
            self._waiting_since = now
        elif now - self._waiting_since >= HEAD_PATIENCE_S:
            self._waiting_since = None
            acks += self._take_stragglers()
        return acks

    @property
    def waiting(self) -> bool:
        """Whether finished deliveries wait for an older one that is not finished."""
        return self._finished > 0

    def _take_run(self) -> list[Ack]:
        run: list[int] = []
        for tag, finished in self._open.items():
            if not finished:
                break
            run.append(tag)
        self._remove(run)
        return [Ack(run[-1], multiple=len(run) > 1)] if run else []

    def _take_stragglers(self) -> list[Ack]:
        tags = [tag for tag, finished in self._open.items() if finished]
        self._remove(tags)
        return [Ack(tag, multiple=False) for tag in tags]

    def _remove(self, tags: list[int]) -> None:
        for tag in tags:
            del self._open[tag]
        self._finished -= len(tags)
