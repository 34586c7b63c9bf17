"""The settings of how webhooks come in: where the ingress listens, and what its secrets are."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, SecretStr

from shared.process.settings import SettingsGroup

PATH = "/docspace/webhook"
"""The path at which the ingress takes webhooks."""
PROBE = "intake.probe"
"""The trigger of the console's test event, which shows whether the ingress has a secret. No rule asks for it."""
COMMA = "; a comma stands between two secrets, and no secret may hold one"
SHORTEST, LONGEST = 8, 30
"""How many characters a secret may have: a portal's password policy, by default and at its strictest (hook-
secret-refused)."""


class Listening(SettingsGroup):
    ingress_host: Annotated[str, Field(description="the address that the ingress listens on")] = "127.0.0.1"
    ingress_port: Annotated[int, Field(ge=0, le=65_535, description="the port that the ingress listens on")] = 3000


class Webhooks(Listening):
    docspace_webhook_secret: Annotated[
        SecretStr,
        Field(
            description="one or several, comma-separated: a signature may match any of them. Each has 8 to 30 "
            "characters from ! to ~, and no comma. Required unless ALLOW_UNSIGNED is true"
        ),
    ] = SecretStr("")
    allow_unsigned: Annotated[
        bool,
        Field(
            description="for development only. Without a secret the ingress refuses to start unless this is true"
        ),
    ] = False

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:
        unsigned = values.get("allow_unsigned", "").lower() in {"true", "1", "yes", "on"}
        given = _split(values.get("docspace_webhook_secret", ""))
        if unsigned or given:
            return list(_bad(given))
        required = "DOCSPACE_WEBHOOK_SECRET: required (or DOCSPACE_WEBHOOK_SECRET_FILE)"
        return [f"{required}; ALLOW_UNSIGNED=true goes without, for development only"]

    @property
    def secrets(self) -> tuple[bytes, ...]:
        return tuple(secret.encode() for secret in _split(self.docspace_webhook_secret.get_secret_value()))


def _split(secrets: str) -> list[str]:
    return [secret.strip() for secret in secrets.split(",") if secret.strip()]


def _bad(secrets: list[str]) -> Iterator[str]:
    """What is wrong. It names the variable and the secret's place, never the secret."""
    for place, secret in enumerate(secrets, start=1):
        which = "the secret" if len(secrets) == 1 else f"secret {place} of {len(secrets)}"
        if fault := secret_fault(secret):
            comma = COMMA if len(secrets) > 1 and len(secret) < SHORTEST else ""
            yield f"DOCSPACE_WEBHOOK_SECRET: {which} {fault}{comma}"


def secret_fault(secret: str) -> str | None:
    """Why the secret cannot be used, to follow "the secret"; None if it can. The portal and our comma-separated
    list must both be able to hold it.
    """
    if not all("!" <= character <= "~" and character != "," for character in secret):
        return "holds a character that it may not: only ASCII from ! to ~ (no space), and no comma"
    if not SHORTEST <= len(secret) <= LONGEST:
        return f"has {len(secret)} characters: a portal takes {SHORTEST} to {LONGEST}"
    return None
