"""A judge over a portal and a ledger that are small classes with the same methods."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from console.reconcile.baseline import Baselines
from console.reconcile.dead_files import Subject
from console.reconcile.finding import Finding, State, Window
from console.reconcile.judge import Judge
from shared.docspace.model import FileInfo
from shared.rules.file import single_rule
from shared.rules.model import RuleSet
from shared.store.ledger import Done, Free, Held
from shared.store.sweeps.store import Baseline, Identity

ROOM, DESTINATION, CLIENT, SERVICE = 86190, 748239, "client", "service"
NOW = datetime(2026, 7, 2, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=2), NOW - timedelta(minutes=2))
CREATED = NOW - timedelta(minutes=30)
KEY = "move:default:7:1:2026-07-02T11:30:00.000000Z"
RELEASED = "move:portal:7:1"
WAITS_S = 7_200.0
RULES = single_rule(str(ROOM), str(DESTINATION), "manager@example.com")

Standing = Done | Held | Free


def a_file(**changed: object) -> FileInfo:
    facts = {
        "id": 7, "title": "Invoice.pdf", "folder_id": ROOM, "created_by": CLIENT, "modified_by": CLIENT,
        "created_at": CREATED, "modified_at": CREATED,
    }  # fmt: skip
    return FileInfo(**(facts | changed))  # type: ignore[arg-type]


class Portal:
    def __init__(self, user: str | Exception = SERVICE) -> None:
        self.user = user

    def self_id(self) -> str:
        if isinstance(self.user, Exception):
            raise self.user
        return self.user


class Claims:
    """By key; what is not there is free."""

    def __init__(self, known: dict[str, Standing] | None = None) -> None:
        self.known = known or {}
        self.asked: list[str] = []

    def peek(self, key: str) -> Standing:
        self.asked.append(key)
        return self.known.get(key, Free())


def judge_of(
    claims: Claims | None = None,
    portal: Portal | None = None,
    dead: tuple[Subject, ...] = (),
    rules: RuleSet = RULES,
    no_webhook: str | None = None,
) -> Judge:
    return Judge(
        rules, portal or Portal(), claims or Claims(), "portal", dead, waits_s=WAITS_S, no_webhook=no_webhook
    )


def judged(
    file: FileInfo,
    judge: Judge | None = None,
    *,
    known: Mapping[Identity, frozenset[str]] | None = None,
    stored: Mapping[tuple[str, str], Baseline] | None = None,
    overridden: datetime | None = None,
    new_since: float | None = None,
    rules: RuleSet = RULES,
) -> Finding:
    baselines = Baselines(rules, stored or {}, overridden, new_since)
    return (judge or judge_of(rules=rules)).finding(file, ROOM, WINDOW, known or {}, baselines)


def state(
    file: FileInfo,
    claim: Standing | None = None,
    claims: dict[str, Standing] | None = None,
    dead: tuple[Subject, ...] = (),
) -> State:
    known = claims or {KEY: claim or Free()}
    return judged(file, judge_of(Claims(known), dead=dead)).state
