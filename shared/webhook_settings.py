"""The settings of how webhooks come in: where the ingress listens, and what its secrets are."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, SecretStr

from shared.settings import SettingsGroup

PATH = "/docspace/webhook"
"""Where the ingress takes them."""


class Webhooks(SettingsGroup):
    docspace_webhook_secret: Annotated[
        SecretStr, Field(description="one or more, comma-separated: any may match (rotation)")
    ] = SecretStr("")
    allow_unsigned: Annotated[bool, Field(description="development only: take webhooks without a secret")] = False
    ingress_host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    ingress_port: Annotated[int, Field(ge=0, le=65_535, description="port to listen on")] = 3000

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:
        unsigned = values.get("allow_unsigned", "").lower() in {"true", "1", "yes", "on"}
        if unsigned or values.get("docspace_webhook_secret", "").strip(" ,"):
            return []
        required = "DOCSPACE_WEBHOOK_SECRET: required (or DOCSPACE_WEBHOOK_SECRET_FILE)"
        return [f"{required}; ALLOW_UNSIGNED=true goes without, for development only"]

    @property
    def secrets(self) -> tuple[bytes, ...]:
        listed = self.docspace_webhook_secret.get_secret_value().split(",")
        return tuple(secret.strip().encode() for secret in listed if secret.strip())
