"""The explanation and the classifier, over random events, rules and portals; and the command, against a portal."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from classifier.handler import Ports, handle
from console.__main__ import app
from console.explain import view
from console.explain.explanation import explain
from shared.docspace.errors import ForbiddenError, NotFoundError, RefusedError, UnreachableError
from shared.docspace.model import FileInfo, FolderInfo
from shared.docspace.payload import parse
from shared.errors import PermanentError
from shared.rules.decide import Answer, Ask, Known, Match, NoMatch, conclusion, decide, trace
from shared.rules.file import single_rule
from shared.rules.finding import Finding
from shared.rules.model import Rule, RuleSet
from shared.rules.place import Folder
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.outcome import Dead, Forward, Skip
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.webhooks import EXAMPLE
from tests.unit.test_classifier_handler import PortalFake, folders, message

# Likely values more than once: a random event should often get to the last check.
IDS = st.sampled_from([1, 2, 3, "sbox-12"])
USERS = st.sampled_from(["client", "client", "client", "SERVICE"])
TITLES = st.sampled_from(["Invoice 1.pdf", "  INVOICE", "Contract.pdf", "Rechnung 7", "", "Untitled"])
TROUBLE = st.sampled_from(
    [NotFoundError("gone"), ForbiddenError("no"), UnreachableError("away"), RefusedError("400", status=400)]
)
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "rooms": st.lists(IDS, min_size=1, max_size=3),
            "triggers": st.lists(
                st.sampled_from(["file.uploaded", "file.uploaded", "file.created"]), min_size=1, max_size=2
            ),
            "titles": st.lists(st.sampled_from(["invoice", "glob:*rechnung*", "untitled"]), min_size=1, max_size=2),
            "destination": IDS | st.just(99),
            "enabled": st.sampled_from([True, True, True, False]),
        }
    ),
    min_size=1,
    max_size=4,
).map(
    lambda tables: RuleSet(
        rules=tuple(
            Rule.model_validate({"name": f"rule {number}", "recipients": ["m@example.com"], **table})
            for number, table in enumerate(tables)
        )
    )
)
BODIES = st.fixed_dictionaries(
    {
        "event": st.fixed_dictionaries(
            {
                "trigger": st.sampled_from(
                    [*["file.uploaded"] * 5, "file.created", "file.deleted", "folder.created"]
                )
            },
            optional={"createBy": USERS},
        ),
        "payload": st.fixed_dictionaries(
            {"id": IDS},
            optional={
                "parentId": IDS,
                "rootId": IDS,
                "title": TITLES,
                "fileEntryType": st.sampled_from([2, 2, 2, 1]),
            },
        ),
    }
).map(lambda document: json.dumps(document).encode())
PATHS = st.lists(IDS, max_size=4).map(lambda ids: folders(*((entry, f"folder {entry}") for entry in ids)))
FILES = st.builds(lambda title, folder: FileInfo(id=1, title=title, folder_id=folder), TITLES, IDS)
PORTALS = st.builds(
    PortalFake,
    file_info=FILES | TROUBLE,
    paths=st.fixed_dictionaries({1: PATHS, 2: PATHS, 3: PATHS | TROUBLE}),
    room=st.just(FolderInfo(id=1, title="room")) | TROUBLE,
    user=st.just("service") | st.just("service") | TROUBLE,
)
ANSWERS = st.builds(
    Known,
    service_user=st.none() | st.builds(Answer, st.none() | USERS),
    path=st.none()
    | st.builds(
        Answer, st.none() | PATHS.map(lambda path: tuple(Folder(folder.id, folder.title) for folder in path))
    ),
    title=st.none() | st.builds(Answer, st.none() | TITLES),
)


@settings(max_examples=200, deadline=None)
@given(BODIES, RULES, PORTALS)
def test_the_explanation_tells_what_the_classifier_does(body, rules, portal) -> None:
    try:
        outcome = handle(message(body), Ports(rules, portal))
    except PermanentError as error:  # the runtime makes a dead letter of it
        outcome = Dead(str(error), error.code)
    told = explain(parse(body), rules, portal)
    if isinstance(told.fate, Match):
        assert isinstance(outcome, Forward)
        assert isinstance(outcome.event, InvoiceDetected)
        assert (outcome.event.rule, outcome.event.title) == (told.fate.rule.name, told.fate.title)
    else:
        assert outcome == told.fate


@settings(max_examples=200, deadline=None)
@given(BODIES, RULES, ANSWERS)
def test_the_trace_comes_to_the_decision_and_its_reason_is_a_first_failed_check(body, rules, known) -> None:
    webhook = parse(body)
    steps = tuple(trace(rules, webhook, known))
    decision = decide(rules, webhook, known)
    assert conclusion(steps) == decision
    first_failed: dict[str, Finding] = {}
    for step in steps:
        if isinstance(step, Finding) and not step.passed:
            first_failed.setdefault(step.rule.name, step)
    match decision:
        case NoMatch():
            assert list(first_failed) == [rule.name for rule in rules.enabled]
            assert tuple(first_failed.values()) == decision.failures
            if decision.failures:
                furthest = max(step.check for step in first_failed.values())
                assert decision.reason == next(
                    step.sentence for step in first_failed.values() if step.check is furthest
                )
        case Match(rule):
            assert rule.name not in first_failed
            assert steps[-1] == decision
        case Ask():
            assert steps[-1] == decision


@pytest.fixture
def portal():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url=""))
    simulator.start()
    yield simulator
    simulator.stop()


ONE_RULE = {"CLIENT_ROOM_ID": "86190", "INCOMING_FOLDER_ID": "748239", "MANAGER_EMAIL": "m@example.com"}


def run(*arguments: str, **environ: str):
    """No variable of this shell counts."""
    return CliRunner().invoke(app, ["explain", *arguments], env=environ, input=EXAMPLE)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in ("DOCSPACE_API_HOST", "DOCSPACE_API_KEY", "RULES_FILE", *ONE_RULE):
        monkeypatch.delenv(name, raising=False)


def upload(portal: Simulator, title: str) -> str:
    answer = requests.post(
        f"{portal.url}/simulator/upload", params={"folder": "86193", "name": title}, data=b"%PDF", timeout=10
    )
    return str(answer.json()["id"])


def test_without_a_portal_the_payload_is_explained_and_what_is_missing_said() -> None:
    result = run("-", **ONE_RULE)
    assert result.exit_code == 0
    assert "ok      trigger    file.uploaded\n" in result.stdout
    assert "?       room       waits for the portal's answer" in result.stdout
    assert "Not known:\n  who the service user is" in result.stdout
    assert "set DOCSPACE_API_HOST and DOCSPACE_API_KEY" in result.stdout


def test_a_file_is_explained_as_if_it_were_uploaded_now(portal, tmp_path) -> None:
    where = {"DOCSPACE_API_HOST": portal.url, "DOCSPACE_API_KEY": "sk-simulator"}
    file_id = upload(portal, "Contract.pdf")
    result = run("--file-id", file_id, "--json", **ONE_RULE, **where)
    told = json.loads(result.stdout)
    assert (told["outcome"], told["missing"]) == ("skip", [])
    assert told["reason"] == 'rule "default": title "Contract.pdf" does not start with "invoice"'
    assert [(row["check"], row["passed"]) for row in told["rules"][0]["checks"]][-2:] == [
        ("room", True),
        ("title", False),
    ]
    new_rules = tmp_path / "new.toml"
    new_rules.write_text(
        '[[rule]]\nname = "contracts"\nrooms = [86190]\ntitles = ["contract"]\ndestination = 748239\n'
        'recipients = ["m@example.com"]\n'
        '[[rule]]\nname = "later"\nrooms = [86190]\ndestination = 748239\nrecipients = ["m@example.com"]\n'
    )
    result = run("--file-id", file_id, "--rules", str(new_rules), **where)
    assert 'An invoice: rule "contracts" takes "Contract.pdf" to folder 748239' in result.stdout
    assert 'rule "later": not asked, rule "contracts" takes it' in result.stdout
    assert "(Rooms / Acme Ltd / 2026)" in result.stdout


def test_what_cannot_be_explained_is_said_with_its_exit_code(portal, tmp_path) -> None:
    where = {"DOCSPACE_API_HOST": portal.url, "DOCSPACE_API_KEY": "sk-simulator"}
    assert run("--file-id", "1", **ONE_RULE, **where).exit_code == 1
    assert run("--file-id", "1", **ONE_RULE).exit_code == 1
    assert run(**ONE_RULE).exit_code == 2
    assert run("-").exit_code == 2
    assert run("-", **ONE_RULE, DOCSPACE_API_HOST="portal").exit_code == 2
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    result = run(str(broken), **ONE_RULE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "it becomes a dead letter" in result.stderr


def test_an_event_about_a_file_whose_id_is_anothers_by_now_is_about_one_that_is_gone() -> None:
    event = json.loads(EXAMPLE)
    event["payload"] |= {"title": "Invoice 1.pdf", "parentId": 86190, "createOn": "2026-07-02T10:00:00Z"}
    rules = single_rule("86190", "748239", "m@example.com")
    for seconds, expected in ((0.9, Match), (1.1, Skip)):
        now = FileInfo(
            id=1, title="Invoice 9.pdf", folder_id=86190,
            created_at=datetime(2026, 7, 2, 10, tzinfo=UTC) + timedelta(seconds=seconds),
        )  # fmt: skip
        told = explain(parse(json.dumps(event).encode()), rules, PortalFake(file_info=now))
        assert isinstance(told.fate, expected)
    assert told.fate == Skip("the file no longer exists: the portal gave its id to another one", Code.GONE)
    assert view.as_json(told)["missing"] == []
    text = "".join(map(str, view.pieces(told)))
    assert "Skipped: the file no longer exists: the portal gave its id to another one" in text
    assert "waits for the portal's answer" not in text


def test_a_title_cannot_steer_the_terminal(portal) -> None:
    where = {"DOCSPACE_API_HOST": portal.url, "DOCSPACE_API_KEY": "sk-simulator"}
    event = json.loads(EXAMPLE)
    event["payload"] |= {"title": "Invoice\x1b[2J", "parentId": 86190}
    result = CliRunner().invoke(app, ["explain", "-"], env=ONE_RULE | where, input=json.dumps(event))
    assert "\x1b" not in result.stdout
