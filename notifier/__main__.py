"""Tells the account manager about each filed invoice: by e-mail, and by any other channel that its rule names."""

import functools
import os
import sys
import time
from typing import NamedTuple

from notifier.handler import handle
from notifier.outbox.sender import Sender
from notifier.ports import Ports
from shared.amqp.line import Line
from shared.amqp.topology import topology
from shared.announcing.channels.channel import Tools
from shared.announcing.channels.table import Channels, ChannelsOf
from shared.announcing.own_templates.folder import OwnTemplates
from shared.announcing.settings import Messages
from shared.announcing.tellings import Tellings, tellings_of
from shared.chat.apprise import authorities
from shared.network.tls import trusting
from shared.process.cli import BAD_SETTINGS, settings_or_exit
from shared.process.configuration import configuration
from shared.process.live_rules import LiveRules, RuledDatabase
from shared.process.logs import configure_logs
from shared.process.looking import looking
from shared.process.settings import LedgerDatabase, PortalAddress, Worker
from shared.rules.model import RuleSet
from shared.rules.telling import deputy_of
from shared.runtime.by_hand import ByHand
from shared.runtime.health import Bounded
from shared.runtime.settle import Settler
from shared.smtp.health import watch
from shared.smtp.sender import SmtpSender
from shared.smtp.settings import Mail
from shared.store.ledger import Ledger
from shared.store.ledger.pruning import prune_in_background
from shared.store.outbox.windows import Windows
from shared.threads import vital
from shared.threads.stop import Stop
from shared.threads.vital import Then
from shared.wire.stages import NOTIFIER
from shared.worker import process_name, run_worker


class Settings(Worker, PortalAddress, LedgerDatabase, RuledDatabase, Mail, Messages):
    pass


class Ruled(NamedTuple):
    """What the rules say of telling."""

    channels: Channels
    tellings: Tellings


def main() -> int:
    settings = settings_or_exit(Settings, NOTIFIER.name, __doc__ or "", sys.argv[1:], os.environ)
    configure_logs(NOTIFIER.name, level=settings.log_level, log_format=settings.log_format)
    tls = trusting(settings.tls_ca_file) if settings.tls_ca_file else None
    mail = SmtpSender(
        settings.smtp_url.get_secret_value(), settings.mail_from, tls=tls, reply_to=settings.mail_reply_to
    )
    with authorities(settings.tls_ca_file) as trusted:
        try:
            live = LiveRules(settings, functools.partial(_ruled, settings, Tools(mail, trusted)))
        except ValueError as error:
            sys.stderr.write(f"{NOTIFIER.name}: cannot start: {error}\n")
            return BAD_SETTINGS
        return _run(settings, mail, live)


def _ruled(settings: Settings, tools: Tools, rules: RuleSet) -> Ruled:
    tellings = tellings_of(rules, settings.telling)

    def deputy(address: str) -> str:
        return deputy_of(address, tellings("", address), time.time())

    return Ruled(ChannelsOf(rules, tools, deputy), tellings)


def _run(settings: Settings, mail: SmtpSender, live: LiveRules[Ruled]) -> int:
    own = OwnTemplates(settings.templates_dir) if settings.templates_dir else None
    name = process_name(NOTIFIER.name)
    database_url = settings.database_url.get_secret_value()
    ledger, windows = Ledger(database_url, owner=name), Windows(database_url)
    line = Line(settings.amqp_urls, topology(settings.retry_delays_s, settings.stages), f"{name} outbox")
    sender = Sender(windows.sending, Settler(NOTIFIER.name, settings.ladder, NOTIFIER.name, by=name), line.publish)
    stop = Stop()
    vital.start("mail", functools.partial(watch, mail.health, mail.check, stop.wait), then=Then.RESTART)
    if own:
        vital.start("templates", functools.partial(own.watch, stop.wait), then=Then.RESTART)
    vital.start("outbox", functools.partial(sender.run, stop.wait), then=Then.RESTART)
    prune_in_background(ledger, settings.ledger_keep_days, stop.wait)
    prune_in_background(windows.sending, settings.ledger_keep_days, stop.wait, "outbox housekeeping")
    try:
        return run_worker(
            NOTIFIER,
            settings,
            lambda message: handle(message, Ports(settings.portal_host, ledger, windows, *live.now(), own=own)),
            stop,
            {
                "ledger": Bounded(ledger.check, "the ledger's database"),
                "mail": mail.health.check,
                "rules": live.check,
            },
            notes={"templates": own.check} if own else None,
            configuration=lambda: configuration(live.rules, settings.docspace_api_host, settings.mail_from),
            by_hand=ByHand(looking(database_url, NOTIFIER.name, live)),
            watch=lambda metrics: metrics.watch_outbox(
                lambda: sender.backlog.waiting, lambda: sender.backlog.overdue_s
            ),
        )
    finally:
        line.close()
        mail.close()
        if own:
            own.close()


if __name__ == "__main__":
    raise SystemExit(main())
