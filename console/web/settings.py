"""The settings of the web console."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.network.urls import web_address
from shared.process.settings import LedgerDatabase, Process

PORT = 8081


class WebSettings(Process, LedgerDatabase):
    web_host: Annotated[str, Field(description="the address that `intake web` listens on")] = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65_535, description="the port of `intake web`")] = PORT
    web_public_url: Annotated[
        Annotated[str, AfterValidator(web_address)] | None,
        Field(
            description="the web console's address as people type it, https://intake.example.com, where a proxy "
            "stands in front of it. Requests for another name are refused"
        ),
    ] = None
