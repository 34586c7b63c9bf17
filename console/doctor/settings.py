"""Every setting of every worker, and which of them are bad."""

from collections.abc import Iterator, Mapping

from console.doctor.line import Area, Line
from console.operator.settings import Operators
from console.settings import Address, Pages
from shared.process.settings import LedgerDatabase, Portal, Rules, SettingsError, Worker, load
from shared.process.webhook_settings import Webhooks
from shared.smtp.settings import Mail

AREA = Area("settings")
SIMULATED = "sk-simulator"
"""The key of a portal that is none: nobody needs to hear of it."""


class Everything(Worker, Portal, LedgerDatabase, Rules, Mail, Webhooks, Address, Pages, Operators):
    """What all workers together read."""


def check(environ: Mapping[str, str]) -> Iterator[Line]:
    try:
        settings = load(Everything, environ)
    except SettingsError as error:
        for problem in str(error).splitlines():
            yield AREA.failed(problem, "correct it in .env, then restart the workers", cause="wrong")
        return
    yield AREA.ok("all can be read")
    if not settings.operators and settings.docspace_api_key.get_secret_value() != SIMULATED:
        yield AREA.ok("nobody is told when something is wrong: OPERATOR is not set")
    if not settings.secrets:
        yield AREA.warning(
            "ALLOW_UNSIGNED is true: anybody can send webhooks",
            "set DOCSPACE_WEBHOOK_SECRET, and drop ALLOW_UNSIGNED",
            cause="unsigned",
        )
