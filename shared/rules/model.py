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

from shared.rules.address import each_once, email_address
from shared.rules.endpoint import Endpoint
from shared.rules.ids import entry_id, id_text
from shared.rules.place import Folder
from shared.rules.recipient import HowOften, Language, OpenHours, Recipient, Timezone
from shared.rules.rooms import RoomName, RoomTag, RoomTest
from shared.rules.telling import Telling
from shared.rules.titles import TitleTest, title_test
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

ROOM_MANAGERS = "room-managers"
"""Stands among the recipients for those who manage the upload's room, whoever they are when it is uploaded."""

_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


def _trigger(value: str) -> str:
    if value in FILE_TRIGGERS:
        return value
    near = difflib.get_close_matches(value, FILE_TRIGGERS, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"it is one of {', '.join(FILE_TRIGGERS)}"
    raise ValueError(f'"{value}" is no trigger of a file; {hint}')


def _recipient(value: str) -> str:
    text = value.strip()
    if text == ROOM_MANAGERS:
        return text
    if "@" not in text and difflib.get_close_matches(text.casefold(), [ROOM_MANAGERS], n=1, cutoff=0.8):
        raise ValueError(f'"{value}" is no recipient; did you mean "{ROOM_MANAGERS}"?')
    return email_address(value)


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
    recipients: Annotated[
        tuple[Annotated[StrictStr, AfterValidator(_recipient)], ...], AfterValidator(each_once)
    ] = ()
    """E-mail addresses, and ROOM_MANAGERS."""
    notify: Annotated[
        tuple[Annotated[SecretStr, AfterValidator(_channel)], ...], AfterValidator(_tells_someone)
    ] = ()
    """Apprise URLs of further channels; they carry passwords and tokens."""
    language: Language | None = None
    """Of the messages; None: the installation's."""
    timezone: Timezone | None = None
    """By whose clock the messages tell times, an IANA name; None: the installation's."""
    digest: HowOften | None = None
    """How often they are sent; None: as the installation's."""
    hours: OpenHours | None = None
    """When they may be sent; None: as the installation's."""
    enabled: StrictBool = True

    @property
    def telling(self) -> Telling:
        return Telling(language=self.language, timezone=self.timezone, digest=self.digest, hours=self.hours)

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
    """Rules in their order: the first that matches wins; how some recipients are told; and who else hears of it."""

    model_config = ConfigDict(frozen=True)

    rules: tuple[Rule, ...]
    recipients: tuple[Recipient, ...] = ()
    """No two of the same address."""
    endpoints: tuple[Endpoint, ...] = ()
    """No two of the same name."""

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

    @property
    def addresses(self) -> frozenset[str]:
        """Those that some rule names, in lower case."""
        return frozenset(address.casefold() for rule in self.rules for address in rule.recipients)

    def named(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None)

    def endpoint(self, name: str) -> Endpoint | None:
        return next((each for each in self.endpoints if each.name == name), None)

    def telling(self, rule_name: str, address: str) -> Telling:
        """How the address, or a channel that is no address, is told by the rule: what its recipient says, and else
        what the rule says. A rule that is not among these says nothing.
        """
        rule, recipient = self.named(rule_name), self.recipient(address)
        said = recipient.telling if recipient else Telling()
        return said.or_else(rule.telling) if rule else said

    def recipient(self, address: str) -> Recipient | None:
        wanted = address.casefold()
        return next((each for each in self.recipients if each.address.casefold() == wanted), None)

    def listens_to(self, trigger: str) -> bool:
        """Whether any enabled rule asks for the trigger."""
        return any(trigger in rule.triggers for rule in self.enabled)
