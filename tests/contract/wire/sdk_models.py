"""Answers as ONLYOFFICE's own client models them: hypothesis walks the fields of docspace-api-sdk's models.

Every field that a model calls optional is absent, null or present. Where a model and the recorded portal
differ, the portal is right: `SEEN` is the one list of that.
"""

import datetime as dt
import enum
import types
import typing
import uuid
import warnings
from functools import cache

import pydantic
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # a field of the sdk's shadows one of pydantic's
    import docspace_api_sdk

sdk = docspace_api_sdk
Json = typing.Any
Strategy = st.SearchStrategy[Json]

DEEPEST = 2
"""Objects within objects; what lies deeper is empty."""

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | WORDS
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(WORDS, SCALARS, max_size=2)

IDS = st.integers(0, 2**31 - 1) | st.sampled_from(["sbox-1-|a b", "drive-7-0AFx/ü", "12", "0"])
NUMBERS = st.integers(0, 2**31 - 1)
ZONES = st.sampled_from(["Z", "+00:00", "+05:30", "-05:00", "+14:00", "-00:30"])
TIMES = st.builds(
    lambda at, tenths, zone: f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}{tenths}{zone}",
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)),  # noqa: DTZ001 # the zone is beside it
    st.integers(0, 9),
    ZONES,
)


@cache
def answers(model: type[pydantic.BaseModel], depth: int = 0, *, full: bool = False) -> Strategy:
    """What a route may answer that the sdk reads as `model`, with fields that the sdk does not know.

    `full`: with a value in each field, down to `DEEPEST`.
    """
    if model in SEEN:
        return SEEN[model]()
    always: dict[str, Strategy] = {}
    optional: dict[str, Strategy] = {}
    for name, field in model.model_fields.items():
        wire = field.alias or name
        if (model, wire) in SEEN:
            always[wire] = SEEN[model, wire]()
        elif wire == "response":  # optional to the sdk; every success has it
            always[wire] = values(field.annotation, depth, full=full)
        elif depth < DEEPEST:
            said = values(field.annotation, depth, full=full)
            (always if full else optional)[wire] = said if full else st.none() | said
    more = st.dictionaries(st.sampled_from(["addedLater", "Id", "x"]), ANYTHING, max_size=1)
    return st.builds(lambda added, known: added | known, more, st.fixed_dictionaries(always, optional=optional))


def values(annotation: typing.Any, depth: int, *, full: bool) -> Strategy:
    match typing.get_origin(annotation):
        case typing.Annotated:
            return values(typing.get_args(annotation)[0], depth, full=full)
        case typing.Union | types.UnionType:
            members = [one for one in typing.get_args(annotation) if one is not types.NoneType]
            return st.one_of([values(one, depth, full=full) for one in members])
        case origin if origin is list:
            return st.lists(values(typing.get_args(annotation)[0], depth, full=full), max_size=2)
        case origin if origin is dict:
            said = st.none() | values(typing.get_args(annotation)[1], depth, full=full)
            return st.dictionaries(WORDS, said, max_size=2)
        case _:
            if annotation in SCALAR:
                return NAMES if full and annotation is str else SCALAR[annotation]
            return _named(annotation, depth, full=full)


SCALAR: dict[typing.Any, Strategy] = {
    bool: st.booleans(),
    int: NUMBERS,
    float: st.floats(0, 1e9),
    str: WORDS,
    uuid.UUID: st.uuids().map(str),
    dt.datetime: TIMES,
    typing.Any: ANYTHING,
}


def _named(annotation: typing.Any, depth: int, *, full: bool) -> Strategy:
    if issubclass(annotation, enum.Enum):
        return st.sampled_from([one.value for one in annotation])
    return answers(annotation, depth + 1, full=full)


@cache
def sample(model: type[pydantic.BaseModel]) -> Json:
    """One answer with a value in each field, the same every time."""
    drawn: list[Json] = []

    @settings(
        max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        database=None, derandomize=True,
    )  # fmt: skip
    @given(answers(model, full=True))
    def draw(one: Json) -> None:
        drawn.append(one)

    draw()
    return drawn[-1]


def each(model: type[pydantic.BaseModel]) -> typing.Callable[[], Strategy]:
    return lambda: st.lists(answers(model), max_size=2)


SEEN: dict[typing.Any, typing.Callable[[], Strategy]] = {
    # an object to the sdk; to the portal a text of seven digits with its own offset
    sdk.ApiDateTime: lambda: TIMES,
    # to the sdk what files and folders have in common, without an id; the portal sends them whole
    (sdk.FolderContentDtoInteger, "files"): each(sdk.FileDtoInteger),
    (sdk.FolderContentDtoInteger, "folders"): each(sdk.FolderDtoInteger),
    (sdk.FileEntryBaseArrayWrapper, "response"): each(sdk.FolderDtoInteger),
    (sdk.FileOperationDto, "files"): each(sdk.FileDtoInteger),
    (sdk.FileOperationDto, "folders"): each(sdk.FolderDtoInteger),
    # optional or a number alone to the sdk; the portal always says it, and of third-party storage as a text
    (sdk.FileDtoInteger, "id"): lambda: IDS,
    (sdk.FileDtoInteger, "folderId"): lambda: IDS,
    (sdk.FolderDtoInteger, "id"): lambda: IDS,
    # a number alone to the sdk; a text in third-party storage
    (sdk.FolderDtoInteger, "parentId"): lambda: st.none() | IDS,
    (sdk.FileDtoInteger, "originRoomId"): lambda: st.none() | IDS,
    # optional to the sdk; the portal always says it
    (sdk.FileOperationDto, "id"): lambda: st.uuids().map(str) | NUMBERS,
    (sdk.EmployeeFullDto, "id"): lambda: st.uuids().map(str),
    (sdk.WebhooksConfigDto, "id"): lambda: NUMBERS | NUMBERS.map(str),
    (sdk.WebhooksConfigWithStatusDto, "configs"): lambda: answers(sdk.WebhooksConfigDto),
    (sdk.WebhooksLogDto, "id"): lambda: NUMBERS | NUMBERS.map(str),
    (sdk.WebhooksLogDto, "creationTime"): lambda: TIMES,
    (sdk.WebhookTriggerDto, "name"): lambda: st.sampled_from(["*", "file.created", "file.uploaded", "ü"]),
    (sdk.WebhookTriggerDto, "id"): lambda: st.sampled_from([0, 128, 256, 34359738368]),
    # one of many bits to the sdk; the portal adds them up
    (sdk.WebhooksConfigDto, "triggers"): lambda: st.none() | st.integers(0, 2**36),
}
