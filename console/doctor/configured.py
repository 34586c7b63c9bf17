"""Does each worker run with the rules and settings that are configured here? Compares what its page tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

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


def rules_differ(pages: Sequence[WorkerPage]) -> list[str]:
    """Where workers run with different rules: of each rules' hash, who runs with it. Else nothing."""
    found: dict[str, list[str]] = {}
    for page in pages:
        if page.runs_with and page.runs_with.rules:
            found.setdefault(page.runs_with.rules, []).append(f"{page.stage} at {page.address}")
    return [f"{name}: {', '.join(who)}" for name, who in found.items()] if len(found) > 1 else []


@dataclass(frozen=True, slots=True)
class Spread:
    """Which workers run with some rules."""

    asked: int
    same: tuple[WorkerPage, ...]
    others: tuple[WorkerPage, ...]
    unknown: tuple[str, ...]
    """The stages that read rules and of which no page tells with which."""


def spread(pages: Sequence[WorkerPage], wanted: Configuration | None) -> Spread:
    """`wanted` as None is what no worker can have."""
    told = [(page, page.runs_with.rules) for page in pages if page.runs_with]
    same = tuple(page for page, rules in told if wanted is not None and rules == wanted.rules)
    others = tuple(page for page, _ in told if page not in same)
    seen = {page.stage for page, _ in told}
    return Spread(
        len(pages), same, others, tuple(each.name for each in STAGES if each.reads_rules and each.name not in seen)
    )


def seen_by_all(addresses: Sequence[str], wanted: Configuration | None) -> bool:
    """Whether each stage that reads the rules has a worker whose page tells these, and none tells others."""
    found = spread(list(map(ask, every(addresses))), wanted)
    return not found.others and not found.unknown
