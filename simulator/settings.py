"""The simulator's settings: parsed once from a mapping, frozen, and all bad names reported together."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.gate.limits import CALLS_A_MINUTE, READS_AT_ONCE, WRITES_A_DAY, WRITES_AT_ONCE

DEFAULT_PORT = 8080
DEFAULT_WEBHOOK_URL = "http://127.0.0.1:3000/docspace/webhook"
HIGHEST_PORT = 65535


class SettingsError(ValueError):
    """One message that names every bad variable."""


@dataclass(frozen=True)
class Settings:
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    """0 takes a free port."""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    """0 takes a free port."""
    public_url: str = ""
    """What webUrl and viewUrl begin with; empty means http://host:port."""
    api_key: str = field(default="sk-simulator", repr=False)
    webhook_url: str = DEFAULT_WEBHOOK_URL
    """Registered at start without the HEAD check, as the receiver may start later. Empty: none is registered."""
    webhook_secret: str = field(default="Simulator-Secret-1", repr=False)
    operation_ms: int = 150
    """How long a file operation takes."""
    latency_ms: int = 0
    """Added to every API answer."""
    latencies: str = ""
    """`seen`: each call and each move takes as long as on a real server, with two calls at a time."""
    latency_factor: float = 1.0
    """The times of `latencies` are multiplied by it."""
    limits: int = 0
    """1 enforces the cloud's rate limits. A self-hosted portal has none by default."""
    limit_reads: int = READS_AT_ONCE
    limit_writes: int = WRITES_AT_ONCE
    """The limit of writes at once for one user."""
    limit_minute: int = CALLS_A_MINUTE
    limit_day: int = WRITES_A_DAY
    """The limit of POST and PUT of one user a day."""
    webhook_retry_base_s: float = 1.0
    """Pauses between attempts are this times 1, 2, 4, 8, 16."""
    webhook_poll_ms: int = 100
    """How often the idle sender looks at its queue. A real portal does so every 5000 ms."""


VARIABLES: dict[str, tuple[str, str]] = {
    "SIMULATOR_HOST": ("host", "where the page and the API listen"),
    "SIMULATOR_PORT": ("port", "their port"),
    "SIMULATOR_SMTP_HOST": ("smtp_host", "where the mailbox listens"),
    "SIMULATOR_SMTP_PORT": ("smtp_port", "its port"),
    "SIMULATOR_PUBLIC_URL": ("public_url", "address in links to files (default: http://host:port)"),
    "SIMULATOR_API_KEY": ("api_key", "API key of the service user"),
    "SIMULATOR_WEBHOOK_URL": ("webhook_url", "webhook registered at start; empty registers none"),
    "SIMULATOR_WEBHOOK_SECRET": ("webhook_secret", "its secret, at most 50 characters"),
    "SIMULATOR_OPERATION_MS": ("operation_ms", "how long a file operation takes"),
    "SIMULATOR_LATENCY_MS": ("latency_ms", "added to every API answer"),
    "SIMULATOR_LATENCIES": ("latencies", "seen: calls and moves take as long as on a real portal"),
    "SIMULATOR_LATENCY_FACTOR": ("latency_factor", "factor for those times; 5 is as under load"),
    "SIMULATOR_LIMITS": ("limits", "1 enforces the rate limits of the cloud"),
    "SIMULATOR_LIMIT_READS": ("limit_reads", "reads of one user at once, where limits are enforced"),
    "SIMULATOR_LIMIT_WRITES": ("limit_writes", "writes of one user at once"),
    "SIMULATOR_LIMIT_MINUTE": ("limit_minute", "calls of one user a minute"),
    "SIMULATOR_LIMIT_DAY": ("limit_day", "POST and PUT of one user a day"),
    "SIMULATOR_WEBHOOK_RETRY_BASE_S": ("webhook_retry_base_s", "pauses are this times 1, 2, 4, 8, 16"),
    "SIMULATOR_WEBHOOK_POLL_MS": ("webhook_poll_ms", "how often the idle sender looks at its queue"),
}


def parse(environ: Mapping[str, str]) -> Settings:
    """Reads the SIMULATOR_* variables. Raises SettingsError that names every bad one."""
    values: dict[str, str | int | float] = {}
    bad: list[str] = []
    for name, (attribute, _) in VARIABLES.items():
        text = environ.get(name)
        if text is None:
            continue
        default = getattr(Settings, attribute)
        try:
            values[attribute] = _typed(text.strip(), attribute, default)
        except ValueError as error:
            bad.append(f"{name}: {error}")
    if bad:
        raise SettingsError("bad settings: " + "; ".join(bad))
    return Settings(**values)  # type: ignore[arg-type]  # each value has its default's type


def _typed(text: str, attribute: str, default: str | float) -> str | int | float:
    if isinstance(default, str):
        if not text and attribute in {"host", "smtp_host", "api_key", "webhook_secret"}:
            raise ValueError("must not be empty")
        if text and attribute in {"public_url", "webhook_url"} and not text.startswith(("http://", "https://")):
            raise ValueError("must be an http or https address")
        if text and attribute == "latencies" and text != "seen":
            raise ValueError("must be seen, or empty")
        return text.rstrip("/") if attribute == "public_url" else text
    kind = type(default)
    try:
        number = kind(text)
    except ValueError:
        raise ValueError(f"must be a number, not {text!r}") from None
    if not 0 <= number < float("inf"):
        raise ValueError("must be a finite number that is not negative")
    if attribute == "limits" and number > 1:
        raise ValueError("must be 0 or 1")
    if attribute in {"port", "smtp_port"} and number > HIGHEST_PORT:
        raise ValueError(f"must be at most {HIGHEST_PORT}")
    return number


def help_text() -> str:
    """What `--help` prints."""
    lines = [
        "usage: python -m simulator",
        "",
        "A DocSpace portal for the demo and the tests: REST API, webhooks, a page at / and a mailbox over SMTP.",
        "Settings (environment):",
    ]
    for name, (attribute, meaning) in VARIABLES.items():
        default = getattr(Settings, attribute)
        shown = f" [{default}]" if default != "" and "SECRET" not in name else ""
        lines.append(f"  {name:<32}{meaning}{shown}")
    return "\n".join(lines)
