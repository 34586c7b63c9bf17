"""What a person may have done about an upload or a problem: the buttons, by role."""

from dataclasses import dataclass

from console.problems.problem import Problem
from console.web.site import Visit
from shared.store.history.upload import Upload


@dataclass(frozen=True, slots=True)
class Act:
    address: str
    text: str


def act(visit: Visit, problem: Problem) -> Act | None:  # noqa: ARG001
    return None


def acts(visit: Visit, upload: Upload) -> list[Act]:  # noqa: ARG001
    return []


def acts_in(visit: Visit, room: str) -> list[Act]:  # noqa: ARG001
    return []
