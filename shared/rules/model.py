"""A rule: which uploads are taken for invoices, where they are filed, who is told. Checked when made; frozen."""

import difflib
import re
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    StrictBool,
    StrictStr,
    ValidationInfo,
)

from shared.network.domains import ascii_domain
from shared.rules.ids import entry_id, id_text
from shared.rules.place import Folder
from shared.rules.rooms import RoomName, RoomTag, RoomTest
from shared.rules.titles import TitleTest, title_test
from shared.text.languages import known_language, known_timezone
from shared.wire.events import EntryId

T = TypeVar("T")

FILE_TRIGGERS = (
    "file.created",
    "file.uploaded",
    "file.updated",
    "file.restored",
    "file.copied",
    "file.moved",
    "file.downloaded",
    "file.trashed",
    "file.deleted",
    "form.filled.out",
    "form.stopped",
)
"""The triggers whose entry is a file. Source: WebhookTrigger.cs of DocSpace-server 3.7.2."""

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@(localhost|[^\s@<>(),;:\"\[\]\\.]+(\.[^\s@<>(),;:\"\[\]\\.]+)+)")
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


def _trigger(value: str) -> str:
    if value in FILE_TRIGGERS:
        return value
    near = difflib.get_close_matches(value, FILE_TRIGGERS, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"it is one of {', '.join(FILE_TRIGGERS)}"
    raise ValueError(f'"{value}" is no trigger of a file; {hint}')


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value.strip()) or not value.strip().isprintable():
        raise ValueError(f'"{value}" is not an e-mail address')
    try:
        ascii_domain(value.strip().partition("@")[2])
    except ValueError as error:
        raise ValueError(f'"{value}" is not an e-mail address: {error}') from None
    return value.strip()


def _channel(value: SecretStr) -> SecretStr:
    if not _CHANNEL.fullmatch(value.get_secret_value()):
        raise ValueError("is not an Apprise URL, such as slack://… (not shown, because it is a secret)")
    return value


def _name(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be a text that can be printed")
    return value.strip()


def _title_test(value: object) -> object:
    return title_test(value) if isinstance(value, str) else value


def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    """Unlike `min_length`, not applied where a value in it is wrong: that is one fault, not two."""
    if not values:
        raise ValueError("must hold at least one value")
    return values


def _names_a_room(rooms: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if not rooms and info.data.get("room_names") == info.data.get("room_tags") == ():
        raise ValueError("names no room: write an id, or name rooms by room_names or room_tags")
    return rooms


def _tells_someone(notify: tuple[SecretStr, ...], info: ValidationInfo) -> tuple[SecretStr, ...]:
    if not notify and info.data.get("recipients") == ():
        raise ValueError("nobody is told: the rule needs a recipient or a notify URL")
    return notify


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for value in values:
        first.setdefault(value.casefold(), value)
    return tuple(first.values())


class Rule(BaseModel):
    """`titles` takes texts as `title_test` does; `rooms` and `destination` take numbers and texts.

    `rooms`, `room_names` and `room_tags` add up: an upload counts that one of them takes.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True, validate_default=True
    )

    name: Annotated[StrictStr, AfterValidator(_name)]
    room_names: tuple[Annotated[RoomName, BeforeValidator(RoomName.read)], ...] = ()
    """Patterns of what rooms are called: an upload anywhere in such a room counts."""
    room_tags: tuple[Annotated[RoomTag, BeforeValidator(RoomTag.read)], ...] = ()
    """Tags of rooms."""
    rooms: Annotated[
        tuple[Annotated[str, BeforeValidator(lambda value: id_text(entry_id(value)))], ...],
        AfterValidator(_names_a_room),
    ] = ()
    """Room or folder ids, as texts: an upload anywhere below one of them counts."""
    triggers: Annotated[tuple[Annotated[StrictStr, AfterValidator(_trigger)], ...], AfterValidator(_some)] = (
        "file.created",
        "file.uploaded",
    )
    titles: Annotated[tuple[Annotated[TitleTest, BeforeValidator(_title_test)], ...], AfterValidator(_some)] = (
        title_test("invoice"),
    )
    destination: Annotated[EntryId, BeforeValidator(entry_id)]
    recipients: Annotated[tuple[Annotated[StrictStr, AfterValidator(_address)], ...], AfterValidator(_once)] = ()
    """E-mail addresses."""
    notify: Annotated[
        tuple[Annotated[SecretStr, AfterValidator(_channel)], ...], AfterValidator(_tells_someone)
    ] = ()
    """Apprise URLs of further channels; they carry passwords and tokens."""
    language: Annotated[StrictStr, AfterValidator(known_language)] | None = None
    """Of the messages; None: the installation's."""
    timezone: Annotated[StrictStr, AfterValidator(known_timezone)] | None = None
    """By whose clock the messages tell times, an IANA name; None: the installation's."""
    enabled: StrictBool = True

    @property
    def room_tests(self) -> tuple[RoomTest, ...]:
        """What a room is tried by that the rule does not name by its id."""
        return self.room_names + self.room_tags

    @property
    def wanted_rooms(self) -> str:
        """Such as `room 86190 or a room named "Client *"`."""
        return " or ".join(
            [*(f"room {room}" for room in self.rooms), *(f"a room {test}" for test in self.room_tests)]
        )

    def fitting(self, room: Folder) -> RoomTest | None:
        """The first of `room_tests` that the room fits; None too for what is no room."""
        return next((test for test in self.room_tests if test.fits(room)), None) if room.is_room else None


class RuleSet(BaseModel):
    """Rules in their order: the first that matches wins."""

    model_config = ConfigDict(frozen=True)

    rules: tuple[Rule, ...]

    @property
    def enabled(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.enabled)

    @property
    def by_room_tests(self) -> bool:
        """Whether an enabled rule names rooms by what they are called or tagged."""
        return any(rule.room_tests for rule in self.enabled)

    @property
    def destinations(self) -> frozenset[str]:
        """Of the enabled rules, as texts."""
        return frozenset(id_text(rule.destination) for rule in self.enabled)

    def named(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None)

    def listens_to(self, trigger: str) -> bool:
        """Whether any enabled rule asks for the trigger."""
        return any(trigger in rule.triggers for rule in self.enabled)
