"""A message to each operator that is about no problem: does it arrive?"""

import threading
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from console.operator import text
from console.operator.channels import Channel, Letter, Settings, opened
from shared.errors import IntakeError
from shared.text.outside import cell

WITHIN_S = 60.0
SUBJECT = "A test: you are told of problems"
TEXT = (
    "You are told of what needs a person in the invoice intake. Nothing is wrong: somebody asked for this message."
)


@dataclass(frozen=True, slots=True)
class Answer:
    channel: str
    group: int
    """From 1: who is told first."""
    fault: str
    """Empty where it was taken."""


def tell(settings: Settings, within_s: float = WITHIN_S) -> list[Answer]:
    """All at once. Repeating sends it again."""
    key = f"test {uuid4().hex}"
    letter = Letter(text.said(SUBJECT, TEXT), text.said(SUBJECT, TEXT, chat=True), key, key)
    with opened(settings, within_s) as groups:
        asked = [(channel, number) for number, group in enumerate(groups, start=1) for channel in group]
        faults = [f"no answer within {within_s:.0f} s"] * len(asked)

        def send(place: int, channel: Channel) -> None:
            try:
                channel.send(letter)
            except IntakeError as error:
                faults[place] = str(error)
            else:
                faults[place] = ""

        threads = [
            threading.Thread(target=send, args=(place, channel), daemon=True)
            for place, (channel, _) in enumerate(asked)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(within_s)
        return [Answer(each.name, number, fault) for (each, number), fault in zip(asked, faults, strict=True)]


def line(answer: Answer) -> str:
    told = "took it" if not answer.fault else f"did not take it: {answer.fault}"
    mark = "✗" if answer.fault else "✓"
    return cell(
        f"{mark} {answer.channel}{f' (told after group {answer.group - 1})' if answer.group > 1 else ''} {told}"
    )


def record(answer: Answer) -> dict[str, Any]:
    return asdict(answer) | {"ok": not answer.fault}
