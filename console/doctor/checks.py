"""Which checks there are, and what each needs of the settings. What stands on something that failed is left out."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from console.doctor import (
    broker,
    configured,
    hooks,
    ingress,
    ledger,
    mail,
    managers,
    outbox,
    pauses,
    portal,
    published,
    rooms,
    settings,
    sweep,
    uploads,
    webhook,
    workers,
)
from console.doctor.arrivals import arrivals, signatures
from console.doctor.line import Area, Level, Line
from console.doctor.paused import paused
from console.settings import Address, Pages
from shared.docspace.client import Client
from shared.docspace.members import Members
from shared.docspace.places import Places
from shared.errors import TransientError
from shared.network.urls import in_url
from shared.process.live_rules import RuledDatabase, rules_now
from shared.process.settings import LedgerDatabase, Portal, Process, SettingsError, SettingsGroup, load
from shared.process.webhook_settings import PATH
from shared.process.webhook_settings import Webhooks as WebhookSettings
from shared.rules.file import RulesError
from shared.rules.model import RuleSet
from shared.smtp.settings import Mail

S = TypeVar("S", bound=SettingsGroup)

Check = Callable[[Mapping[str, str]], Iterator[Line]]

PORTAL_TIMEOUT_S = (3.05, 10.0)
"""To connect, and for each part of an answer: a person waits."""


class PortalSide(Portal, RuledDatabase, Address):
    pass


class IngressSide(WebhookSettings, Address):
    pass


class Intake(WebhookSettings, Pages):
    pass


def _broker(environ: Mapping[str, str]) -> Iterator[Line]:
    found = _settings(Process, environ)
    yield from broker.check(found.amqp_urls, found.retry_delays_s, found.names, lambda: paused(environ))


def _ledger(environ: Mapping[str, str]) -> Iterator[Line]:
    yield from ledger.check(_settings(LedgerDatabase, environ).database_url.get_secret_value())


def _portal(environ: Mapping[str, str]) -> Iterator[Line]:
    """The portal, and what only it can tell about our rooms and our webhook."""
    found = _settings(Portal, environ)
    key = found.docspace_api_key.get_secret_value()
    with contextlib.closing(
        Client(found.docspace_api_host, key, pool_size=1, timeout_s=PORTAL_TIMEOUT_S, ca_file=found.tls_ca_file)
    ) as client:
        told = portal.check(client)
        first = next(told)
        yield first
        if first.level is Level.FAILED:
            return  # a portal that does not answer, or not to our key, tells nothing of rooms either
        yield from told
        with_rules = _settings(PortalSide, environ)
        rules = _rules(with_rules)
        yield from rooms.check(client, rules, Places(client).every_room)
        yield from managers.check(client, Members(client).managers, rules)
        yield from webhook.check(client, _our_webhook(environ, rules, with_rules.webhook_url))


def _rules(settings: RuledDatabase) -> RuleSet:
    try:
        return rules_now(settings)
    except (TransientError, RulesError) as error:
        raise NotCheckedError("the published rules cannot be had", "see the area rules") from error


def _our_webhook(environ: Mapping[str, str], rules: RuleSet, url: str | None) -> webhook.Ours:
    """Without the secrets and the ingress where the settings do not tell them."""
    try:
        found = load(Intake, environ)
    except SettingsError:
        return webhook.Ours(rules, url)
    own = f"http://{found.ingress_host}:{found.ingress_port}"
    return webhook.Ours(rules, url, found.secrets, lambda: arrivals([own, *found.health_urls]))


class SweepSide(LedgerDatabase, RuledDatabase):
    pass


def _sweep(environ: Mapping[str, str]) -> Iterator[Line]:
    found = _settings(SweepSide, environ)
    yield from sweep.check(found.database_url.get_secret_value(), _rules(found))


def _ingress(environ: Mapping[str, str]) -> Iterator[Line]:
    found = _settings(IngressSide, environ)
    local = f"http://{in_url(found.ingress_host)}:{found.ingress_port}{PATH}"
    yield from ingress.check(found.webhook_url or local, found.secrets, own=local)
    pages = _settings(Pages, environ).health_urls
    yield from signatures([local.removesuffix(PATH), *pages])


def _workers(environ: Mapping[str, str]) -> Iterator[Line]:
    yield from workers.check(_settings(Pages, environ).health_urls, configured.here(environ))


def _uploads(environ: Mapping[str, str]) -> Iterator[Line]:
    yield from uploads.check(_settings(LedgerDatabase, environ).database_url.get_secret_value())


def _pauses(environ: Mapping[str, str]) -> Iterator[Line]:
    yield from pauses.check(_settings(LedgerDatabase, environ).database_url.get_secret_value())


def _outbox(environ: Mapping[str, str]) -> Iterator[Line]:
    yield from outbox.check(_settings(LedgerDatabase, environ).database_url.get_secret_value())


class HooksSide(Process, LedgerDatabase, RuledDatabase):
    pass


def _hooks(environ: Mapping[str, str]) -> Iterator[Line]:
    found = _settings(HooksSide, environ)
    database_url = found.database_url.get_secret_value()
    yield from hooks.check(found.amqp_urls, database_url, _rules(found), found.retry_max_age_s)


def _published(environ: Mapping[str, str]) -> Iterator[Line]:
    yield from published.check(_settings(RuledDatabase, environ))


def _mail(environ: Mapping[str, str]) -> Iterator[Line]:
    found = _settings(Mail, environ)
    yield from mail.check(found.smtp_url.get_secret_value(), found.tls_ca_file)


CHECKS: dict[str, Check] = {
    "settings": settings.check,
    "broker": _broker,
    "ledger": _ledger,
    "rules": _published,
    "portal": _portal,
    "ingress": _ingress,
    "sweep": _sweep,
    "pauses": _pauses,
    "workers": _workers,
    "uploads": _uploads,
    "outbox": _outbox,
    "hooks": _hooks,
    "mail": _mail,
}
"""Independent of each other, so that they can be made side by side."""


class NotCheckedError(Exception):
    """What a check needs is not there, as other lines say: why, and where to look."""

    def __init__(self, why: str = "its settings are wrong", mend: str = "see the settings above") -> None:
        super().__init__(why)
        self.mend = mend


def _settings(kind: type[S], environ: Mapping[str, str]) -> S:
    try:
        return load(kind, environ)
    except SettingsError as error:
        raise NotCheckedError from error


def lines(name: str, environ: Mapping[str, str], checks: Mapping[str, Check] = CHECKS) -> Iterator[Line]:
    try:
        yield from checks[name](environ)
    except NotCheckedError as error:
        yield Area(name).warning(f"not checked: {error}", error.mend, cause="unseen")
