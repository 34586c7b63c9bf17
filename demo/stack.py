"""What the demo needs of a running product, in containers or as processes."""

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
    """A part did not start, or died. The message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Addresses:
    page: str
    """The URL of the simulated portal's page and API, without a slash at the end."""
    management: str
    amqp: str
    ingress: str
    web: str
    logs: str
    """Where the logs are, or which command shows them."""


class Stack(Protocol):
    def start(self, say: Say) -> Addresses:
        """Returns once every part is ready. Raises StackFailedError."""

    def invitation(self) -> str:
        """A link that signs a person in to the web console. It works once, within ten minutes."""

    def check(self) -> None:
        """Raises StackFailedError if a part died."""

    def stop(self) -> None:
        """Stop all parts in order, and remove what they made. May be called twice."""

    def kill(self) -> None:
        """Kill all parts at once."""


def tail(log: Path) -> str:
    if not log.exists():
        return f"({log} was never written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
