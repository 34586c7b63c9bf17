"""One attempt to tell everyone what one message is about. It ends in time. If one address of a scheme failed for
all, it does not ask the others.
"""

import time
from collections.abc import Callable

from shared.announcing.channels.channel import Channel, Notice
from shared.errors import TransientError
from shared.smtp.errors import NoMailNowError
from shared.text.codes import Code

MESSAGE_S = 60.0
"""The time to tell everyone of one message. Whoever is left is told at the next attempt, so no slow server holds up
the worker."""
EACH_S = 30.0
"""If less time is left, nobody else is begun with: a mail that is cut off may have been accepted."""

NoticeFor = Callable[[Channel, str, float], Notice]
"""What a channel is given, by the key of its claim and the time that is left."""


class Attempt:
    """The time runs from when it is made."""

    def __init__(self, notice: NoticeFor, clock: Callable[[], float] = time.monotonic) -> None:
        self._notice = notice
        self._clock = clock
        self._until = clock() + MESSAGE_S
        self._none_leaves: dict[str, NoMailNowError] = {}
        """Failures that concern a whole scheme: each try may take a minute."""

    def send(self, channel: Channel, key: str) -> None:
        """Like `Channel.send`; TransientError too if not enough time is left."""
        if said := self._none_leaves.get(channel.scheme):
            raise said.again()
        try:
            channel.send(self._notice(channel, key, self._left_s()))
        except NoMailNowError as error:
            self._none_leaves[channel.scheme] = error
            raise

    def _left_s(self) -> float:
        left_s = self._until - self._clock()
        if left_s < EACH_S:
            raise TransientError("no time was left: telling the others took too long", code=Code.OUT_OF_TIME)
        return left_s
