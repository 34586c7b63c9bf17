"""What an auditor asks, each with the mend: who comes in with which password, by which way, and may do what.

It looks from where it runs: of other processes' settings and of the machine's firewall it knows nothing.
"""

import ipaddress
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from console.doctor.line import Area, Line
from console.settings import Address
from shared.amqp.operator.connect import signs_in
from shared.amqp.operator.survey import Survey
from shared.errors import IntakeError
from shared.network.urls import in_url
from shared.process.settings import Database, PortalAddress, Process, SettingsError, load
from shared.process.webhook_settings import Webhooks
from shared.smtp.settings import Mail
from shared.smtp.url import parse_smtp_url
from shared.store.database_url import VERIFYING
from shared.store.grants import is_superuser

AREA = Area("security")
GUEST = ("guest", "guest")
HOST_OF_CONTAINERS = "host.docker.internal"
KNOWN_DATABASE = ("intake", "intake")
MODES = {".env": 0o077, "secrets": 0o077}
"""Beside each other where `intake setup` runs; these bits are for others."""
HARDEN = "run `intake harden`; elsewhere see docs/howto/broker-users.md and docs/howto/postgresql.md"

Check = Callable[[Mapping[str, str]], Iterator[Line]]


def broker(environ: Mapping[str, str]) -> Iterator[Line]:
    urls = load(Process, environ).amqp_urls
    for url in urls:
        parts = urlsplit(url)
        yield _way("the broker", parts.hostname, safe=parts.scheme == "amqps", mend="use amqps:// in AMQP_URL")
    for url in urls:
        yield _guest(url)
    try:
        with Survey(urls) as survey:
            anything = survey.may_make_anything()
    except IntakeError as error:
        yield AREA.warning(f"our rights on the broker are not known: {error}", "start RabbitMQ", cause="unseen")
        return
    user = unquote(urlsplit(urls[0]).username or GUEST[0])
    if anything:
        yield AREA.failed(f"user {user} may make anything on the broker", HARDEN, cause="broker-rights")
    else:
        yield AREA.ok(f"user {user} makes nothing on the broker that is not its own")


def _guest(url: str) -> Line:
    try:
        known = signs_in(_as(url, *GUEST), "console security")
    except IntakeError as error:
        return AREA.warning(
            f"whether the broker takes guest is not known: {error}", "start RabbitMQ", cause="unseen"
        )
    if known:
        mend = f"{HARDEN}; it deletes guest"
        return AREA.failed("the broker takes guest with the password that everybody knows", mend, cause="guest")
    return AREA.ok("the broker does not take guest with the password that everybody knows")


def database(environ: Mapping[str, str]) -> Iterator[Line]:
    url = load(Database, environ).database_url.get_secret_value()
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        yield AREA.ok("the database is a file: who may open it is by its mode")
        return
    verifies = any(f"sslmode={mode}" in parts.query for mode in VERIFYING)
    mend = "add ?sslmode=verify-full to DATABASE_URL"
    yield _way("the database", parts.hostname, safe=verifies, mend=mend)
    if (parts.username, unquote(parts.password or "")) == KNOWN_DATABASE:
        yield AREA.failed("the database's password is the one that everybody knows", HARDEN, cause="database-known")
    try:
        rules_it = is_superuser(url)
    except IntakeError as error:
        yield AREA.warning(f"our rights in the database are not known: {error}", "start it", cause="unseen")
        return
    if rules_it:
        yield AREA.failed(f"role {parts.username} is the database's superuser", HARDEN, cause="database-rights")
    else:
        yield AREA.ok(f"role {parts.username} is not the database's superuser")


def portal(environ: Mapping[str, str]) -> Iterator[Line]:
    parts = urlsplit(load(PortalAddress, environ).docspace_api_host)
    mend = "use https:// in DOCSPACE_API_HOST: the key goes along"
    yield _way("the portal", parts.hostname, safe=parts.scheme == "https", mend=mend)


def webhook(environ: Mapping[str, str]) -> Iterator[Line]:
    if load(Webhooks, environ).secrets:
        yield AREA.ok("webhooks are taken with our signature alone")
    else:
        mend = "set DOCSPACE_WEBHOOK_SECRET, and drop ALLOW_UNSIGNED"
        yield AREA.failed("anybody can send webhooks: ALLOW_UNSIGNED is true", mend, cause="unsigned")
    url = load(Address, environ).webhook_url
    if url is None:
        yield AREA.unseen("whether the portal calls by HTTPS is not known: WEBHOOK_URL is not set")
        return
    parts = urlsplit(url)
    mend = "set PUBLIC_HOST, or put a proxy with HTTPS in front"
    yield _way("the portal's webhook", parts.hostname, safe=parts.scheme == "https", mend=mend)


def mail(environ: Mapping[str, str]) -> Iterator[Line]:
    server = parse_smtp_url(load(Mail, environ).smtp_url.get_secret_value())
    mend = "use smtp+starttls:// or smtps:// in SMTP_URL"
    yield _way("the mail server", server.host, safe=server.security != "none", mend=mend)


def files(_: Mapping[str, str]) -> Iterator[Line]:
    """Of the folder that it runs in."""
    seen = [path for path in map(Path, MODES) if path.exists()]
    for path in seen:
        if stat.S_IMODE(path.stat().st_mode) & MODES[path.name]:
            mend = f"chmod go= {path}"
            yield AREA.failed(f"{path} can be opened by others on this machine", mend, cause="open-files")
        else:
            yield AREA.ok(f"{path} can be opened by its owner alone")
    if not seen:
        yield AREA.unseen("no .env and no secrets in this folder: their modes are not seen from here")


def beyond(_: Mapping[str, str]) -> Iterator[Line]:
    """What no process sees of itself: Compose's files say it, and `docker inspect`."""
    yield AREA.unseen(
        "not seen from here: published ports, how containers are confined, the passwords and keys of other services"
    )


def _way(what: str, host: str | None, *, safe: bool, mend: str) -> Line:
    if safe:
        return AREA.ok(f"{what} is reached by TLS")
    if host is None or _is_near(host):
        return AREA.ok(f"{what} is reached without TLS, on this machine or within the stack")
    return AREA.failed(f"{what} at {host} is reached without TLS", mend, cause="no-tls")


def _is_near(host: str) -> bool:
    """A name without a dot is of this machine, or of the stack's own networks, where nobody else is."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." not in host or host == HOST_OF_CONTAINERS


def _as(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    place = in_url(parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{place}"))


def _told(check: Check) -> Check:
    def lines(environ: Mapping[str, str]) -> Iterator[Line]:
        try:
            yield from check(environ)
        except SettingsError as error:
            first = str(error).splitlines()[0]
            yield AREA.warning(f"not looked at: {first}", "correct it in .env", cause="unseen")

    return lines


CHECKS: dict[str, Check] = {
    check.__name__: _told(check) for check in (broker, database, portal, webhook, mail, files, beyond)
}
"""Independent of each other, so that they can be made side by side."""
