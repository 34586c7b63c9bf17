"""One attempt to tell everyone about an invoice. It ends in time. If one address of a scheme failed for all, it
does not ask the others.
"""

import time
from collections.abc import Callable, Sequence

from notifier.channels.channel import Channel, Notice
from notifier.text import ENGLISH, OtherTemplates, Texts
from notifier.voice import Voice
from shared.errors import TransientError
from shared.smtp.errors import NoMailNowError
from shared.text.codes import Code
from shared.wire.events import InvoiceFiled

MESSAGE_S = 60.0
"""The time to tell everyone about one invoice. Whoever is left is told at the next attempt, so no slow server
holds up the worker."""
EACH_S = 30.0
"""If less time is left, nobody else is begun with: a mail that is cut off may have been accepted."""


class Attempt:
    """The time runs from when it is made."""

    def __init__(
        self,
        invoice: InvoiceFiled,
        correlation_id: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        channels: Sequence[Channel] = (),
        voice_of: Callable[[str], Voice] = lambda _: ENGLISH,
        own: OtherTemplates | None = None,
    ) -> None:
        """`channels`: all that are told of it, as each is told who else is. `voice_of`: by a channel's name.
        `own` as in `notifier.text.Texts`.
        """
        self._invoice = invoice
        self._correlation_id = correlation_id
        self._channels = channels
        self._voice_of = voice_of
        self._own = own
        self._clock = clock
        self._until = clock() + MESSAGE_S
        self._none_leaves: dict[str, NoMailNowError] = {}
        """Failures that concern a whole scheme: each try may take a minute."""

    def send(self, channel: Channel, key: str) -> None:
        """Like `Channel.send`; TransientError too if not enough time is left."""
        if said := self._none_leaves.get(channel.scheme):
            raise said.again()
        others = [other.called for other in self._channels if other.id != channel.id]
        texts = Texts(self._invoice, self._correlation_id, self._voice_of(channel.name), others, self._own)
        notice = Notice(self._invoice, texts, key, self._correlation_id, self._left_s())
        try:
            channel.send(notice)
        except NoMailNowError as error:
            self._none_leaves[channel.scheme] = error
            raise

    def _left_s(self) -> float:
        left_s = self._until - self._clock()
        if left_s < EACH_S:
            raise TransientError("no time was left: telling the others took too long", code=Code.OUT_OF_TIME)
        return left_s
