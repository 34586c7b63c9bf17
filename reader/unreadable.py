"""Why a file cannot be read, as the error that ends its reading."""

from shared.wire.facts import Unread


class UnreadableError(Exception):
    """Reading the same bytes again ends the same way. `unread` is what people are told."""

    def __init__(self, unread: Unread) -> None:
        super().__init__(unread.value)
        self.unread = unread
