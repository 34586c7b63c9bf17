"""Settings from the environment: parsed once, frozen, and every bad one named at the start.

Each worker's class is made of the groups below. A secret may come as `NAME_FILE`, a path to read it from.
An empty variable counts as unset, as compose files leave them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)

from shared.docspace.address import portal_url
from shared.network.tls import Files, readable, usable
from shared.network.urls import with_password
from shared.runtime.ladder import Ladder
from shared.store.database_url import database_url
from shared.wire.stages import HEALTH_PORT, Stage, stages

if TYPE_CHECKING:
    from shared.rules.model import RuleSet

SECRETS = (
    "AMQP_PASSWORD",
    "AMQP_URL",
    "DATABASE_PASSWORD",
    "DATABASE_URL",
    "DOCSPACE_API_KEY",
    "DOCSPACE_WEBHOOK_SECRET",
    "OPERATOR",
    "SMTP_URL",
    "WEB_PROXY_SECRET",
)


class SettingsError(Exception):
    """One message that names every bad variable."""


def _comma_separated(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _amqp_urls(value: object, info: ValidationInfo) -> object:
    from shared.amqp.client import address  # noqa: PLC0415 - a command without a broker starts sooner without pika

    urls = _comma_separated(value)
    if not isinstance(urls, tuple):
        return urls
    if not all(url.lower().startswith(("amqp://", "amqps://")) for url in urls):
        hint = "" if len(urls) == 1 else "; a comma inside a password is written as %2C"
        raise ValueError(f"every URL starts with amqp:// or amqps://{hint}")
    urls = tuple(with_password(url, _password(info, "amqp_password")) for url in urls)
    for url in urls:
        address.parameters(url)
    return tuple(SecretStr(address.trusting(url, _files(info))) for url in urls)


def _password(info: ValidationInfo, name: str) -> str | None:
    password = info.data.get(name)
    return password and password.get_secret_value()


def _files(info: ValidationInfo) -> Files:
    names = ("tls_ca_file", "tls_cert_file", "tls_key_file")
    authorities, certificate, key = (info.data.get(name) for name in names)
    return Files(authorities, certificate, key) if certificate and key else Files(authorities)


def _header_safe(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise ValueError("has characters that no HTTP header can carry")
    return value


def _rising(delays_s: tuple[int, ...]) -> tuple[int, ...]:
    if list(delays_s) != sorted(set(delays_s)):
        raise ValueError("the delays must rise")
    return delays_s


def _database(value: SecretStr, info: ValidationInfo) -> SecretStr:
    url = with_password(value.get_secret_value(), _password(info, "database_password"))
    return SecretStr(database_url(url, _files(info)))


class SettingsGroup(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:  # noqa: ARG003 - for groups that need them
        """What is wrong with several variables together; each line names its variable."""
        return []


class Tls(SettingsGroup):
    """Put it first among the bases: the groups with URLs read its value."""

    tls_ca_file: Annotated[
        Path | None,
        AfterValidator(lambda path: path and readable(path)),
        Field(
            description="PEM file of certificate authorities to trust besides the system's, for broker, database, "
            "mail, portal and channels"
        ),
    ] = None
    tls_cert_file: Annotated[
        Path | None,
        Field(description="PEM file of the certificate that is shown to a broker or database that asks for one"),
    ] = None
    tls_key_file: Annotated[
        Path | None, Field(description="PEM file of the key of TLS_CERT_FILE, without a password")
    ] = None

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:
        certificate, key = values.get("tls_cert_file"), values.get("tls_key_file")
        if certificate and key:
            why = usable(Path(certificate), Path(key))
            return [f"TLS_CERT_FILE: {why}"] if why else []
        if certificate or key:
            return ["TLS_CERT_FILE: it and TLS_KEY_FILE are set together, or neither"]
        return []


class Process(Tls):
    """What every process has."""

    amqp_password: Annotated[
        SecretStr | None, Field(description="of the user in AMQP_URL, where that holds a user and no password")
    ] = None
    amqp_url: Annotated[
        tuple[SecretStr, ...],
        BeforeValidator(_amqp_urls),
        Field(
            min_length=1,
            description="broker (amqp:// or amqps://); if it is a comma-separated list, each is tried in turn",
        ),
    ] = (SecretStr("amqp://guest:guest@127.0.0.1:5672/"),)
    retry_delays_s: Annotated[
        tuple[Annotated[int, Field(ge=1, le=86_400)], ...],
        BeforeValidator(_comma_separated),
        AfterValidator(_rising),
        Field(
            min_length=1,
            description="the waits between attempts; the last one repeats. All processes of one broker need the "
            "same. Changing it adds delay queues; the old ones empty themselves and may then be deleted",
        ),
    ] = (5, 30, 120, 600, 3600)
    retry_max_age_s: Annotated[
        float,
        Field(
            gt=0,
            description="how long a message may wait in all before it becomes a dead letter. Waiting while a "
            "worker is paused does not count",
        ),
    ] = 86_400
    reader: Annotated[
        Literal["on", "off"],
        Field(
            description="on: a reader reads each filed invoice before people are told of it. All processes of one "
            "broker need the same"
        ),
    ] = "off"
    log_format: Annotated[
        Literal["json", "console"] | None,
        Field(description="json or console; without it, console if stdout is a terminal, and json otherwise"),
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda v: str(v).lower()),
        Field(description="the least severe lines that are logged: debug, info, warning or error"),
    ] = "info"

    @property
    def stages(self) -> tuple[Stage, ...]:
        return stages(reader=self.reader == "on")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the stages."""
        return tuple(stage.name for stage in self.stages)

    @property
    def ladder(self) -> Ladder:
        return Ladder(self.retry_delays_s, self.retry_max_age_s)

    @property
    def amqp_urls(self) -> tuple[str, ...]:
        return tuple(url.get_secret_value() for url in self.amqp_url)


class HealthPort(SettingsGroup):
    """Where a process reports its health."""

    health_port: Annotated[
        int,
        Field(
            ge=0,
            le=65_535,
            description="the port of /healthz, /readyz and /metrics (0: off). The ingress's public port serves "
            "only the webhook",
        ),
    ] = HEALTH_PORT
    health_host: Annotated[str, Field(description="the address that HEALTH_PORT listens on")] = "127.0.0.1"


class Worker(Process, HealthPort):
    """What the three workers behind the ingress have."""

    worker_concurrency: Annotated[int, Field(ge=1, le=1024, description="messages handled at once")] = 8


class PortalAddress(Tls):
    docspace_api_host: Annotated[
        str, AfterValidator(portal_url), Field(description="portal URL, e.g. https://yourportal.onlyoffice.com")
    ]

    @property
    def portal_host(self) -> str:
        """The portal's host as it was set. The first released version named its claims after it."""
        return self.docspace_api_host.split("://", 1)[1]


class Portal(PortalAddress):
    docspace_api_key: Annotated[
        SecretStr, AfterValidator(_header_safe), Field(description="sent as Authorization: Bearer …")
    ]


class Database(Tls):
    database_password: Annotated[
        SecretStr | None, Field(description="of the user in DATABASE_URL, where that holds a user and no password")
    ] = None
    database_url: Annotated[
        SecretStr,
        AfterValidator(_database),
        Field(
            description="the database of the ledger, the history and the published rules: sqlite:///path or "
            "postgresql://user:password@host/name. If workers run on several hosts, use PostgreSQL"
        ),
    ] = SecretStr("sqlite:///var/ledger.db")


class LedgerDatabase(Database):
    ledger_keep_days: Annotated[
        float,
        Field(
            ge=2,
            description="how long finished work is remembered. An event that arrives again later is processed "
            "again",
        ),
    ] = 400


UPLOADS_KEEP_DAYS = 400.0


class History(Process, LedgerDatabase):
    """What the projector of the history has."""

    history_keep_days: Annotated[
        float,
        Field(
            gt=0,
            description="how long the history keeps the steps of a settled upload, after the last of them; the "
            "upload too, if this is set and UPLOADS_KEEP_DAYS is not",
        ),
    ] = 90
    uploads_keep_days: Annotated[
        float | None,
        Field(
            gt=0,
            description="how long the history keeps an upload, a line with all that is known of it, after its last "
            "step; 400 if neither this nor HISTORY_KEEP_DAYS is set",
        ),
    ] = None

    audit_keep_days: Annotated[
        float,
        Field(
            gt=0,
            description="how long the audit keeps what people did, and the actions that they asked for",
        ),
    ] = 1100

    @property
    def uploads_days(self) -> float:
        """Whoever set how long the history is kept, before there were two times, meant both."""
        if self.uploads_keep_days is not None:
            return self.uploads_keep_days
        return self.history_keep_days if "history_keep_days" in self.model_fields_set else UPLOADS_KEEP_DAYS

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:
        try:
            uploads, steps = float(values["uploads_keep_days"]), float(values.get("history_keep_days", 0))
        except (KeyError, ValueError):
            return []
        return ["UPLOADS_KEEP_DAYS: is less than HISTORY_KEEP_DAYS"] if uploads < steps else []


class Rules(SettingsGroup):
    """One rule from three variables, or any number of rules from a file."""

    rules_file: Annotated[
        Path | None,
        Field(
            description="a TOML file with any number of rules, instead of CLIENT_ROOM_ID, INCOMING_FOLDER_ID and "
            "MANAGER_EMAIL"
        ),
    ] = None
    client_room_id: Annotated[
        str | None, Field(description="the client's room; required unless RULES_FILE is set")
    ] = None
    incoming_folder_id: Annotated[
        str | None, Field(description="the folder for invoices; required unless RULES_FILE is set")
    ] = None
    manager_email: Annotated[str | None, Field(description="who is told; required unless RULES_FILE is set")] = None

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:
        if "rules_file" not in values:
            missing = [
                name for name in ("client_room_id", "incoming_folder_id", "manager_email") if name not in values
            ]
            if missing:
                return [f"{name.upper()}: required unless RULES_FILE is set" for name in missing]
        from shared.rules.file import RulesError  # noqa: PLC0415 - most commands read no rules

        try:
            Rules.model_validate(values).rules()
        except RulesError as error:
            return [f"RULES_FILE: {error}" if "rules_file" in values else str(error)]
        return []

    def rules(self) -> "RuleSet":
        from shared.rules.file import load_rules, single_rule  # noqa: PLC0415 - as above

        if self.rules_file is not None:
            return load_rules(self.rules_file)
        return single_rule(self.client_room_id or "", self.incoming_folder_id or "", self.manager_email or "")


S = TypeVar("S", bound=SettingsGroup)


def load(kind: type[S], environ: Mapping[str, str]) -> S:
    """The settings of `kind` from `environ`; SettingsError names every variable that is missing or bad."""
    problems: list[str] = []
    values: dict[str, str] = {}
    for field in kind.model_fields:
        name = field.upper()
        try:
            value = _value(name, environ)
        except OSError as error:
            problems.append(f"{name}_FILE: cannot be read: {error.strerror or error}")
            continue
        except UnicodeDecodeError:
            problems.append(f"{name}_FILE: is not UTF-8")
            continue
        except ValueError as error:
            problems.append(str(error))
            continue
        if value:
            values[field] = value
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        problems += [_sentence(fault) for fault in error.errors()]
    groups = [base for base in kind.__mro__ if issubclass(base, SettingsGroup) and "problems" in base.__dict__]
    problems += [line for group in groups for line in group.problems(values)]
    if problems:
        raise SettingsError("\n".join(dict.fromkeys(problems)))
    return settings


def _value(name: str, environ: Mapping[str, str]) -> str | None:
    value = environ.get(name, "").strip() or None
    path = environ.get(f"{name}_FILE", "").strip() if name in SECRETS else ""
    if not path:
        return value
    if value:
        raise ValueError(f"{name}: {name}_FILE is set too; set one of them")
    return Path(path).read_text(encoding="utf-8").strip() or None


def _sentence(fault: Any) -> str:
    name = str(fault["loc"][0]).upper()
    if fault["type"] == "missing":
        return f"{name}: required" + (f" (or {name}_FILE)" if name in SECRETS else "")
    return f"{name}: {str(fault['msg']).removeprefix('Value error, ')}"
