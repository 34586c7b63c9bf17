"""Does each worker run with the rules and settings that are configured here? Compares what its page tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from console.connect.worker_pages import WorkerPage, ask, every
from shared.errors import TransientError
from shared.process.configuration import Configuration, configuration
from shared.process.live_rules import RuledDatabase, rules_now
from shared.process.settings import PortalAddress, SettingsError, load
from shared.rules.file import RulesError
from shared.smtp.settings import Mail
from shared.wire.stages import STAGES

NAMES = {
    "rules": "rules",
    "docspace_api_host": "DOCSPACE_API_HOST",
    "mail_from": "MAIL_FROM",
}


class _Here(PortalAddress, RuledDatabase, Mail):
    """What the hashes are of."""


def here(environ: Mapping[str, str]) -> Configuration | None:
    """What a worker runs with that is started now; None where that cannot be told, as other lines say."""
    try:
        settings = load(_Here, environ)
        return configuration(rules_now(settings), settings.docspace_api_host, settings.mail_from)
    except (SettingsError, TransientError, RulesError):
        return None


def differences(page: WorkerPage, wanted: Configuration) -> Iterator[str]:
    """What the worker runs with that is another here, as a person calls it."""
    told = asdict(page.runs_with) if page.runs_with else {}
    yield from (NAMES[name] for name, value in asdict(wanted).items() if told.get(name) and told[name] != value)


def seen_by_all(addresses: Sequence[str], wanted: Configuration | None) -> bool:
    """Whether each stage that reads the rules has a worker whose page tells these, and none tells others."""
    told = [(page.stage, page.runs_with) for page in map(ask, every(addresses)) if page.runs_with]
    all_same = wanted is not None and all(runs_with.rules == wanted.rules for _, runs_with in told)
    return all_same and {stage for stage, _ in told} >= {stage.name for stage in STAGES if stage.reads_rules}
