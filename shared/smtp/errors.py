"""The errors that do not concern one mail alone."""

from shared.errors import TransientError
from shared.text.codes import Code


class NoMailNowError(TransientError):
    """No mail can be sent now: no server, no login, a limit, a refused sender. No other mail need be tried."""

    code = Code.MAIL_UNAVAILABLE

    def __init__(self, reason: str, *, connecting_tells: bool = False) -> None:
        """`connecting_tells`: whether it has passed shows from connecting anew; else only a mail that is taken."""
        super().__init__(reason)
        self.connecting_tells = connecting_tells

    def again(self) -> "NoMailNowError":
        """A copy for the next caller: one exception object raised many times would collect all their tracebacks."""
        return NoMailNowError(str(self), connecting_tells=self.connecting_tells)
