"""The whole simulator in one object, for `python -m simulator` and for tests that start it in-process."""

import random
from datetime import UTC, datetime

import urllib3
from urllib3.exceptions import InsecureRequestWarning

from simulator.app import Parts, create_app
from simulator.faults import Faults
from simulator.gate.calls import Calls
from simulator.gate.latencies import Latencies
from simulator.gate.limits import Limits, Most
from simulator.gate.pace import Timeline, fixed, seen
from simulator.http_server import HttpServer
from simulator.mailbox.mail import Handler, Mailbox, MailServer
from simulator.outgoing import triggers
from simulator.outgoing.sender import Sender
from simulator.outgoing.webhooks import Webhooks
from simulator.portal import seed
from simulator.portal.moods import Moods
from simulator.portal.portal import Portal
from simulator.portal.running import Running
from simulator.portal.schedule import Schedule
from simulator.settings import Settings

WEBHOOK_NAME = "invoice-intake"


def now() -> datetime:
    return datetime.now(UTC)


class Simulator:
    """Listens once it is made, and answers from start() to stop(). It can be used only once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._chance = random.Random()  # noqa: S311 - nothing secret hangs on it
        self.faults = Faults(settings.operation_ms, settings.latency_ms)
        self.calls = Calls()
        most = Most(settings.limit_reads, settings.limit_writes, settings.limit_minute, settings.limit_day)
        self.limits = Limits(enforced=bool(settings.limits), most=most)
        self.moods = Moods()
        self.latencies = Latencies(seen=bool(settings.latencies), factor=settings.latency_factor)
        self.mailbox = Mailbox()
        self.webhooks = Webhooks(now)
        self._schedule = Schedule()
        running = Running(self._schedule.after, self._pace, self.latencies.worked)
        self.portal = Portal(self.faults, self.moods, now, self.webhooks.publish, running)
        self._sender = Sender(
            self.webhooks,
            self._chance,
            retry_base_s=settings.webhook_retry_base_s,
            poll_s=settings.webhook_poll_ms / 1000,
        )
        self._mail: MailServer | None = None
        self._http = HttpServer(settings.host, settings.port)
        self.url = f"http://{settings.host}:{self._http.port}"
        app = create_app(
            Parts(
                self.portal, self.webhooks, self.mailbox, self.faults, self.moods, self.calls, self.limits,
                self.latencies, self.reset, self.restart, settings.api_key, settings.public_url or self.url, now,
            )
        )  # fmt: skip
        self._http.serve(app)
        self._register()

    @property
    def smtp_port(self) -> int:
        """The real port, once started."""
        return int(self._mail.port) if self._mail else self._settings.smtp_port

    def start(self) -> None:
        urllib3.disable_warnings(InsecureRequestWarning)  # for webhooks that do not verify certificates
        self._schedule.start()
        self._sender.start()
        self._mail = MailServer(
            Handler(self.mailbox, self.faults, now),
            self.faults,
            self._settings.smtp_host,
            self._settings.smtp_port,
        )
        self._mail.start()
        self._http.start()

    def stop(self) -> None:
        self._http.stop()
        if self._mail is not None:
            self._mail.stop()
        self._sender.stop()
        self._schedule.stop()

    def reset(self) -> None:
        """Reset everything to the seed: files, operations, webhooks and their log, mails and faults."""
        self.faults.clear()
        self.moods.clear()
        self.latencies.reset()
        self.calls.reset()
        self.limits.reset()
        self.portal.reset()
        self.webhooks.clear()
        self.mailbox.clear()
        self._register()

    def restart(self) -> int:
        """Restart the portal. Returns how many waiting deliveries it forgot, without those under way."""
        return self._sender.restart()

    def _pace(self, items: int) -> Timeline:
        """How long an operation takes. A time set as a fault is used in place of the measured times."""
        if self._settings.latencies and self.faults.set_operation_ms is None:
            return seen(items, self._settings.latency_factor, self._chance)
        return fixed(items, self.faults.operation_ms / 1000)

    def _register(self) -> None:
        if self._settings.webhook_url:
            self.webhooks.add(
                seed.SERVICE.id,
                WEBHOOK_NAME,
                self._settings.webhook_url,
                self._settings.webhook_secret,
                triggers.UPLOADS | triggers.BROUGHT_IN,
            )
