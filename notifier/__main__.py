"""Tells the account manager about each filed invoice: by e-mail, and by any other channel that its rule names."""

import functools
import os
import sys
import threading

import structlog

from notifier.channels import channels_of
from notifier.handler import Ports, handle
from notifier.mail import SmtpSender
from shared.cli import BAD_SETTINGS, settings_or_exit
from shared.health import Bounded
from shared.housekeeping import prune_in_background
from shared.ledger import Ledger
from shared.logs import configure_logs
from shared.settings import LedgerDatabase, PortalAddress, Rules, Worker
from shared.smtp.settings import Mail
from shared.stages import NOTIFIER
from shared.worker import Stop, process_name, run_worker

log = structlog.get_logger()


class Settings(Worker, PortalAddress, LedgerDatabase, Rules, Mail):
    pass


def main() -> int:
    settings = settings_or_exit(Settings, NOTIFIER, __doc__ or "", sys.argv[1:], os.environ)
    configure_logs(NOTIFIER, level=settings.log_level, log_format=settings.log_format)
    try:
        channels = channels_of(settings.rules())
    except ValueError as error:
        sys.stderr.write(f"{NOTIFIER}: cannot start: {error}\n")
        return BAD_SETTINGS
    mail = SmtpSender(settings.smtp_url.get_secret_value(), settings.mail_from)
    threading.Thread(target=_say_if_mail_fails, args=(mail,), name="mail-check", daemon=True).start()
    ledger = Ledger(settings.database_url.get_secret_value(), owner=process_name(NOTIFIER))
    ports = Ports(settings.portal_host, ledger, mail, channels)
    stop = Stop()
    prune_in_background(ledger, settings.ledger_keep_days, stop.wait)
    try:
        return run_worker(
            NOTIFIER,
            settings,
            functools.partial(handle, ports=ports),
            stop,
            {"ledger": Bounded(ledger.check, "the ledger's database")},
        )
    finally:
        mail.close()


def _say_if_mail_fails(mail: SmtpSender) -> None:
    """At the start, so that a wrong SMTP_URL shows before the first invoice waits for it."""
    fault = mail.check()
    if fault:
        log.warning("mail.fault", reason=fault)
    else:
        log.info("mail.ready")


if __name__ == "__main__":
    raise SystemExit(main())
