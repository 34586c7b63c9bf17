"""One key of the ledger in plain Python: what any order of steps should come to."""

from shared.store.ledger import Done, Free, Held


class Model:
    """What the ledger should know about one key, in plain Python."""

    def __init__(self) -> None:
        self.result: str | None = None
        self.progress: str | None = None
        self.holder: str | None = None
        self.owner = ""
        self.leased = False
        self.begun = False
        """Someone held it before and did not give it back untouched."""
        self.message = ""
        self.old = False
        """Done for long enough to be pruned."""

    def claim(self, message: str = "", *, take_over: bool = False) -> str:
        if self.result is not None:
            return "done"
        belongs_to_another = bool(message and self.message and message != self.message)
        if self.leased or (belongs_to_another and not take_over):
            return "held"
        self.begun = self.begun or self.holder is not None
        self.leased = True
        self.message = message or self.message
        return "won"

    def expire(self) -> None:
        self.leased = False

    def note(self, token: str, progress: str) -> bool:
        mine = self.result is None and token == self.holder
        if mine:
            self.progress = progress
        return mine

    def complete(self, result: str) -> None:
        if self.result is None:
            self.result, self.holder, self.leased = result, None, False

    def release(self, token: str, *, forget: bool) -> None:
        if self.result is None and token == self.holder:
            self.holder, self.leased = None, False
            self.begun = self.begun or self.progress is not None
            self.message = "" if forget else self.message


def agree(found: Done | Held | Free, model: Model) -> None:
    if model.result is not None:
        assert found == Done(model.result)
    elif model.leased:
        assert isinstance(found, Held)
        assert (found.owner, found.progress, found.message) == (model.owner, model.progress, model.message)
    else:
        assert found == Free(model.progress, model.message)
