"""The settings of the web console."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from shared.network.urls import web_address
from shared.process.settings import LedgerDatabase, Process, SettingsGroup

PORT = 8081
SHORTEST_SECRET = 16

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"it must have at least {SHORTEST_SECRET} characters")
    return value


class PublicUrl(SettingsGroup):
    web_public_url: Annotated[
        Annotated[str, AfterValidator(web_address)] | None,
        Field(
            description="the web console's address as people type it, https://intake.example.com, where a proxy "
            "stands in front of it. Requests for any other name are refused"
        ),
    ] = None


class WebSettings(Process, LedgerDatabase, PublicUrl):
    web_host: Annotated[str, Field(description="the address that `intake web` listens on")] = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65_535, description="the port of `intake web`")] = PORT
    web_proxy_addresses: Annotated[
        tuple[Network, ...],
        BeforeValidator(_networks),
        Field(
            description="the addresses (10.0.0.5, 172.18.0.0/16), comma-separated, of proxies in front of the web "
            "console. The last address in their X-Forwarded-For is believed"
        ),
    ] = ()
    web_proxy_secret: Annotated[
        Annotated[SecretStr, AfterValidator(_long_enough)] | None,
        Field(
            description="if a proxy in front of the web console signs people in, what it sends in "
            "X-Intake-Proxy-Secret. Only then, and only from WEB_PROXY_ADDRESSES, is WEB_PROXY_HEADER believed"
        ),
    ] = None
    web_proxy_header: Annotated[
        str, Field(description="the header in which that proxy names the person; they need a role here too")
    ] = "Remote-User"

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:
        if "web_proxy_secret" in values and "web_proxy_addresses" not in values:
            return ["WEB_PROXY_ADDRESSES: required where WEB_PROXY_SECRET is set"]
        return []
