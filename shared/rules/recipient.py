"""A recipient: how one person is told, whichever rule tells them. Checked when made; frozen."""

from datetime import date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StrictStr, ValidationInfo

from shared.rules.address import email_address
from shared.rules.digest import Digest, clock_time, digest
from shared.rules.hours import Hours
from shared.rules.telling import Telling
from shared.text.languages import known_language, known_timezone

Language = Annotated[StrictStr, AfterValidator(known_language)]
Timezone = Annotated[StrictStr, AfterValidator(known_timezone)]
HowOften = Annotated[Digest, BeforeValidator(digest)]
OpenHours = Annotated[Hours, BeforeValidator(Hours.parse)]


def _day(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, date | None):
        raise ValueError("must be a date without quotes, such as 2026-12-24")  # noqa: TRY004 - what pydantic tells of
    return value


def _time(value: object) -> object:
    if not isinstance(value, str | time | None):
        raise ValueError('must be a time of the day in quotes, such as "08:00"')  # noqa: TRY004 - what pydantic tells of
    return clock_time(value) if isinstance(value, str) else value


def _someone_else(deputy: str | None, info: ValidationInfo) -> str | None:
    address = info.data.get("address")
    if deputy and address and deputy.casefold() == address.casefold():
        raise ValueError("is the recipient's own address")
    return deputy


def _with_a_deputy(until: date | None, info: ValidationInfo) -> date | None:
    if "deputy" not in info.data:
        return until  # what is wrong with it is told already
    if until is None and info.data["deputy"] is not None:
        raise ValueError("is missing: the last day on which the deputy is told, such as 2026-12-24")
    if until is not None and info.data["deputy"] is None:
        raise ValueError("needs a deputy: the e-mail address of who is told until then")
    return until


class Recipient(BaseModel):
    """What is None here is as the rule says, and else as the settings do."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True, validate_default=True
    )

    address: Annotated[StrictStr, AfterValidator(email_address)]
    language: Language | None = None
    timezone: Timezone | None = None
    digest: HowOften | None = None
    hours: OpenHours | None = None
    deputy: Annotated[Annotated[StrictStr, AfterValidator(email_address)] | None, AfterValidator(_someone_else)] = (
        None
    )
    """Who is told instead while the recipient is away."""
    deputy_until: Annotated[date | None, BeforeValidator(_day), AfterValidator(_with_a_deputy)] = None
    """The last day on which the deputy is told, by the recipient's clock."""
    not_taken: Annotated[time | None, BeforeValidator(_time)] = None
    """When the recipient is told each day, by their clock, which uploads no rule took."""

    @property
    def telling(self) -> Telling:
        return Telling(
            language=self.language,
            timezone=self.timezone,
            digest=self.digest,
            hours=self.hours,
            deputy=self.deputy,
            deputy_until=self.deputy_until,
            not_taken=self.not_taken,
        )
