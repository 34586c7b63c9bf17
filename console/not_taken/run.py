"""The thread that tells it: looks each minute whose time it is, and sends each one message a day. Sequence only.

What was told stands in the database, and of any number of processes one sends at a time. Between the moment that
the mail server accepts a message and the moment that this is recorded, a kill makes a second one, with the same
Message-ID. Who can be told of nothing gets no message. What the history learns late of is told a day later.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as ClockTime  # noqa: N812 - beside the module `time`
from zoneinfo import ZoneInfo

import structlog

from console.connect.portal import portal_client
from console.not_taken.found import for_its_title_alone, of_rooms_alone, would_fit
from console.operator.channels import MAIL, Letter, mail
from console.operator.sending import Ready, Sending
from console.operator.times import DAY_S, Times
from console.reconcile.ruled import ruled
from console.reconcile.settings import Settings
from shared.announcing.not_taken import Untaken, announcement
from shared.announcing.voice import Voice
from shared.errors import IntakeError
from shared.network.tls import trusting
from shared.process.live_rules import rules_now
from shared.rules.file import RulesError
from shared.rules.hours import first_shown
from shared.rules.model import Rule, RuleSet
from shared.rules.telling import Telling, deputy_of
from shared.smtp.sender import SmtpSender
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.history.untaken import untaken
from shared.store.problems.known import Told
from shared.store.problems.turns import Turns

EVERY_S = 60.0
SETTLES_S = 120.0
"""So long after the time of day, what was decided before it stands in the history."""
KEEP_S = 7 * DAY_S
"""The longest time that one message is about."""
MOST = 1_000
"""The most uploads that one message counts: the newest."""
NOT_TAKEN = "not taken"
"""In place of a problem's id."""
TIMES = Times()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Due:
    """What one person is to be told now."""

    address: str
    """Whose rules it is about."""
    told: str
    """Who is told: a deputy, else the same."""
    since: float
    until: float
    voice: Voice

    @property
    def channel(self) -> str:
        return f"{MAIL}:{self.told.lower()}"

    def recorded(self, now: float) -> Told:
        """Under whose name it stands that it was told: the address's own, as its deputy may be one for several."""
        return Told(f"{NOT_TAKEN} {self.address.casefold()}", f"{self.until:.0f}", self.channel, now)

    @property
    def uploads(self) -> str:
        """In place of a problem's id: under it stand the uploads that were told."""
        return f"{NOT_TAKEN} uploads {self.address.casefold()}"


def run_for_ever(
    settings: Settings, stop: threading.Event, every_s: float = EVERY_S, clock: Callable[[], float] = time.time
) -> None:
    """Until `stop`. Costs a look at the rules a minute where nobody wants it."""
    with _made(settings) as day:
        while not stop.wait(every_s):
            try:
                day.tell(clock())
            except (IntakeError, RulesError) as error:
                log.warning("not_taken.later", reason=str(error))


@contextlib.contextmanager
def _made(settings: Settings) -> Iterator["Daily"]:
    url = settings.database_url.get_secret_value()
    tls = trusting(settings.tls_ca_file) if settings.tls_ca_file else None
    sender = SmtpSender(
        settings.smtp_url.get_secret_value(), settings.mail_from, tls=tls, reply_to=settings.mail_reply_to
    )
    turns, history = Turns(url), Database(url)
    with contextlib.closing(sender), contextlib.closing(turns), contextlib.closing(history):
        yield Daily(settings, turns, history, sender)


class Daily:
    """Methods raise IntakeError or RulesError. Repeating is safe: nobody is told of a day twice. For one thread."""

    def __init__(self, settings: Settings, turns: Turns, history: Database, sender: SmtpSender) -> None:
        self._settings = settings
        self._turns = turns
        self._history = history
        self._sender = sender
        self._sendings: dict[str, Sending] = {}
        """By channel, as each remembers what could not be recorded."""
        self._ready: dict[str, Ready] = {}
        """By channel."""

    def tell(self, now: float) -> None:
        written = rules_now(self._settings)
        due = list(self._due(written, now))
        if not due:
            return
        rules = self._with_rooms(written)
        for each in due:
            found = self._found(each, rules)
            if not found:
                self._turns.record([each.recorded(now)])
                continue
            self._ready[each.channel] = self._message(each, found, now)
            self._sending(each).tell([each.channel])

    def _due(self, rules: RuleSet, now: float) -> Iterator[Due]:
        for recipient in rules.recipients:
            telling = recipient.telling
            if telling.not_taken is None:
                continue
            timezone = telling.timezone or self._settings.message_timezone
            until = last_shown(telling.not_taken, ZoneInfo(timezone), now - SETTLES_S)
            told = [float(each.what) for each in self._turns.told([f"{NOT_TAKEN} {recipient.address.casefold()}"])]
            if max(told, default=0.0) < until:
                since = max(min(told, default=until) - DAY_S, until - KEEP_S)
                who = deputy_of(recipient.address, telling, now)
                yield Due(recipient.address, who, since, until, self._voice(rules.telling("", who)))

    def _voice(self, telling: Telling) -> Voice:
        return Voice(
            telling.language or self._settings.message_language,
            telling.timezone or self._settings.message_timezone,
        )

    def _with_rooms(self, written: RuleSet) -> RuleSet:
        """The portal is asked only where rules name rooms by name or tag."""
        if not written.by_room_tests:
            return written
        with contextlib.closing(portal_client(self._settings)) as client:
            return of_rooms_alone(ruled(self._settings, client).rules)

    def _found(self, due: Due, rules: RuleSet) -> dict[str, Untaken]:
        """By upload. What the history learned late is told a day later, as those that were told are left out."""
        queries = Queries(self._history)
        mine = {rule.name for rule in rules.enabled if _tells(rule, due.address)}
        told = {each.what for each in self._turns.told([due.uploads])}
        found: dict[str, Untaken] = {}
        for upload_id in untaken(self._history, due.since, due.until, MOST) if mine else ():
            for upload in queries.with_id(upload_id, limit=1) if upload_id not in told else ():
                steps = queries.timeline(upload.correlation_id)
                meant = [rule for rule in for_its_title_alone(upload, steps, rules) if rule.name in mine]
                for rule in meant[:1]:
                    found[upload_id] = Untaken(
                        title=upload.title or "", client=upload.room_title or "", rule=rule.name,
                        titles=tuple(map(str, rule.titles)), uploaded_by=upload.uploaded_by,
                        uploaded_at=upload.uploaded_at, fits=would_fit(upload.title or ""),
                    )  # fmt: skip
        return found

    def _sending(self, due: Due) -> Sending:
        if due.channel not in self._sendings:
            channel = mail(due.told, self._sender, TIMES.send_s)
            self._sendings[due.channel] = Sending(self._turns, [channel], self._untold, TIMES)
        return self._sendings[due.channel]

    def _message(self, due: Due, found: Mapping[str, Untaken], now: float) -> Ready:
        recorded = due.recorded(now)
        said = announcement(list(found.values()), due.voice)
        key = f"{recorded.problem} {recorded.what}"
        return Ready(
            Letter(said, said, key, key), (recorded, *(Told(due.uploads, each, due.channel, now) for each in found))
        )

    def _untold(self, channel: str) -> list[Ready]:
        """Asked in the process's turn: another may have told it before."""
        ready = self._ready[channel]
        recorded, *_ = ready.told
        told = {each.what for each in self._turns.told([recorded.problem])}
        return [] if recorded.what in told else [ready]


def last_shown(at: ClockTime, zone: ZoneInfo, now: float) -> float:
    """The last moment, up to now, at which a clock there showed this time of day first."""
    today = datetime.fromtimestamp(now, zone).date()
    moments = (first_shown(today - timedelta(days=ago), at, zone) for ago in (0, 1, 2))
    return next(moment for moment in moments if moment <= now)


def _tells(rule: Rule, address: str) -> bool:
    return address.casefold() in {recipient.casefold() for recipient in rule.recipients}
