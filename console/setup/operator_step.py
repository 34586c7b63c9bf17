"""Who is told when something is wrong; nobody is an answer."""

from console.operator.settings import Operators, groups_of
from console.setup.given import Given, Known
from console.setup.person import Person
from shared.process.settings import SettingsError, load

OPERATOR = "OPERATOR"


def operators(person: Person, given: Given, known: Known) -> dict[str, str]:
    """The variable, where there is anybody. What is set is no business of who looks over a shoulder."""
    before = known.get(OPERATOR) or ""
    told = person.answer(
        "Who is told when something is wrong: e-mail addresses, comma-separated", "--operator", _readable,
        given=given.operator, known=before, shown_as=_shown(before),
    )  # fmt: skip
    return {OPERATOR: told} if told else {}


def _shown(text: str) -> str:
    try:
        count = sum(map(len, groups_of(text)))
    except ValueError:
        return "what is set"
    return f"Enter keeps {count}" if count else "Enter: nobody"


def _readable(text: str) -> str:
    try:
        load(Operators, {OPERATOR: text})
    except SettingsError as error:
        raise ValueError(str(error).removeprefix(f"{OPERATOR}: ")) from None
    return text
