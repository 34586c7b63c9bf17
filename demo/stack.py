"""What the demo needs of a running product, whether it runs in containers or as processes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parent.parent
LOG_TAIL_LINES = 25
PROJECT_NAME = "intake-demo"

Say = Callable[[str], None]
"""Prints one line of progress."""


class StackFailedError(Exception):
    """Something did not start or died; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Addresses:
    page: str
    """The simulated portal's page and API, without a closing slash."""
    management: str
    amqp: str
    ingress: str
    web: str
    logs: str
    """Where the logs are, or which command shows them."""


class Stack(Protocol):
    def start(self, say: Say) -> Addresses:
        """Returns once every part is ready; raises StackFailedError."""

    def invitation(self) -> str:
        """A link that signs somebody in to the web console, once, within ten minutes."""

    def check(self) -> None:
        """Raises StackFailedError if a part died."""

    def stop(self) -> None:
        """Stop all parts in order, leaving nothing behind. May be called twice."""

    def kill(self) -> None:
        """Kill all parts at once."""


def tail(log: Path) -> str:
    if not log.exists():
        return f"({log} was never written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
