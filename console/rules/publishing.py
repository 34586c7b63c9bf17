"""Publishing rules: checked, compared with the last days, kept, made live. For the command line and the web.

Prints nothing. Texts and rules hold the secrets of channels: who shows a text masks it (`masking`).
"""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from console.rules.changes import changes
from console.rules.what_if_view import Report
from shared.process.configuration import configuration
from shared.process.live_rules import RuledDatabase, rules_now
from shared.process.settings import Process, load
from shared.rules.file import RulesError, parse_rules
from shared.rules.model import RuleSet
from shared.store.rulebook.reader import RulebookReader, Switch, Version
from shared.store.rulebook.store import RulebookStore

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Faults:
    """All that is wrong with a text, a sentence each."""

    lines: tuple[str, ...]


def check(text: str, source: str = "the rules") -> RuleSet | Faults:
    """`source` names the text in the faults. Whether a channel's URL is one, only the notifier can tell."""
    try:
        return parse_rules(text.encode(), source)
    except RulesError as error:
        return Faults(tuple(str(error).splitlines()))


class Publishing:
    """Every method but `check` may raise SettingsError, and TransientError where the database is not there."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    check = staticmethod(check)

    def would_change(self, text: str, days: float = 7, tell: Callable[[str], None] = lambda _: None) -> Report:
        """The uploads of the last days under these rules and under those that are live. It only reads.

        RulesError for a text with faults, or live rules that cannot be read; IntakeError where the broker or its
        history is not there. `tell` hears what is done.
        """
        new, live = parse_rules(text.encode(), "the rules"), rules_now(self._settings())
        since = time.time() - days * DAY_S
        compared = changes(self._environ, load(Process, self._environ).amqp_urls, since, (new, live), tell)
        return Report(since, "live", compared)

    def publish(self, text: str, by: str, comment: str, *, over: int | None = None) -> int:
        """The version. RulesError, and nothing is published, for a text with faults.

        `over` is the number of the last of `switches` that the publisher saw, 0 for none: OvertakenError where
        somebody else was faster.
        """
        rules_hash = configuration(parse_rules(text.encode(), "the rules")).rules
        with self._store() as store:
            return store.publish(text, by, comment, rules_hash=rules_hash, over=over)

    def back(self, version: int, by: str, comment: str, *, over: int | None = None) -> int:
        """Make an earlier version live again; its number. NoVersionError; RulesError if this program cannot read it
        any more; OvertakenError as `publish`.
        """
        with self._store() as store:
            parse_rules(store.version(version).text.encode(), f"version {version}")
            store.switch_to(version, by, comment, over=over)
        return version

    def versions(self) -> tuple[Version, ...]:
        """The newest first."""
        with self._reader() as reader:
            return reader.versions()

    def version(self, number: int) -> Version:
        """NoVersionError where there is none."""
        with self._reader() as reader:
            return reader.version(number)

    def switches(self) -> tuple[Switch, ...]:
        """What has been live, the latest first."""
        with self._reader() as reader:
            return reader.switches()

    def current(self) -> Version | None:
        """The published rules that are live where no RULES_FILE is set; None if nothing was published."""
        with self._reader() as reader:
            return reader.current()

    def overruled_by(self) -> Path | None:
        """RULES_FILE, as it is set here: then what is published is not live."""
        return self._settings().rules_file

    def _settings(self) -> RuledDatabase:
        return load(RuledDatabase, self._environ)

    def _reader(self) -> closing[RulebookReader]:
        """It makes no table."""
        return closing(RulebookReader(self._settings().database_url.get_secret_value()))

    def _store(self) -> closing[RulebookStore]:
        return closing(RulebookStore(self._settings().database_url.get_secret_value()))
