"""What a dead letter says of itself: why and when it died, and which invoice it is about. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.amqp.operator.dead_letters import DeadLetter
from shared.text.reading import loads
from shared.wire import headers as told
from shared.wire.broker_deaths import burial

_VARIABLE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a UUID
    r"|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b"  # a hash, a trace id
    r"|\d+(?:[.,]\d+)*",
    re.IGNORECASE,
)


def reason(letter: DeadLetter) -> str:
    by_broker = burial(letter.headers)
    if by_broker:  # then the header is that of a retry before
        return by_broker.reason
    return told.sentence(letter.headers, "reason") or "no reason given"


def code(letter: DeadLetter) -> str:
    """Of the reason; "" where whoever made it a dead letter gave none."""
    by_broker = burial(letter.headers)
    return by_broker.code.value if by_broker else told.name(letter.headers, "code")


def with_code(code: str | None, reason: str) -> str:
    return f"{code}: {reason}" if code else reason


def pattern(text: str) -> str:
    """The reason without what differs between two letters that died of the same: `#` for numbers and ids."""
    return _VARIABLE.sub("#", text)


def died_at(letter: DeadLetter) -> int | None:
    """Seconds since the epoch."""
    given = told.whole_seconds(letter.headers.get("died_at"))
    if given is not None:
        return given
    by_broker = burial(letter.headers)
    return int(by_broker.at) if by_broker and by_broker.at is not None else None


def title(letter: DeadLetter) -> str | None:
    """The file's, of an event of ours or of a webhook."""
    try:
        body = loads(letter.body)
    except ValueError:
        return None
    for part in (body, body.get("payload") if isinstance(body, dict) else None):
        if isinstance(part, dict) and isinstance(part.get("title"), str):
            return str(part["title"])
    return None


def utc(epoch_s: int | None) -> str | None:
    """ISO 8601."""
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Group:
    """The letters of one stage that died of the same."""

    stage: str
    code: str
    reason: str
    """As it is if all have it word for word, else its pattern."""
    letters: tuple[DeadLetter, ...]
    """In the order they lie in; never empty."""

    @property
    def times(self) -> tuple[int, ...]:
        """When each died, as far as known, rising."""
        return tuple(sorted(when for when in map(died_at, self.letters) if when is not None))


def groups(letters: Iterable[DeadLetter]) -> list[Group]:
    """By stage in the order given, the largest group first."""
    found: dict[tuple[str, str, str], list[DeadLetter]] = {}
    for letter in letters:
        found.setdefault((letter.stage, code(letter), pattern(reason(letter))), []).append(letter)
    stages = list(dict.fromkeys(stage for stage, _, _ in found))
    made = [
        Group(
            stage,
            named,
            text if len({reason(letter) for letter in members}) > 1 else reason(members[0]),
            tuple(members),
        )
        for (stage, named, text), members in found.items()
    ]
    return sorted(made, key=lambda group: (stages.index(group.stage), -len(group.letters)))
