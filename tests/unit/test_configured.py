"""Whether workers run with what is configured here, as their pages tell, served by real health ports."""

from dataclasses import asdict, replace

import pytest

from console.connect.worker_pages import WorkerPage
from console.doctor.configured import differences, here, seen_by_all
from demo.ports import free_port
from shared.process.configuration import Configuration
from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics
from shared.wire import stages

HERE = Configuration(rules="aaaaaaaaaaaa", docspace_api_host="bbbbbbbbbbbb", mail_from="cccccccccccc")
OTHER = replace(HERE, rules="dddddddddddd")
STAGES = [stage.name for stage in stages.STAGES if stage.reads_rules]


def page_of(stage: str, configuration: Configuration | None) -> str:
    """The address of a worker of that stage, with that configuration."""
    metrics = Metrics()
    if configuration is not None:
        metrics.watch_configuration(stage, lambda: asdict(configuration))
    server = HealthServer("127.0.0.1", 0, Readiness({}, metrics), metrics)
    server.start()
    return f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("told", "wanted", "seen"),
    [
        ([(stage, HERE) for stage in STAGES], HERE, True),
        ([(stage, HERE) for stage in STAGES] + [("mover", OTHER)], HERE, False),
        ([(stage, HERE) for stage in STAGES[:-1]], HERE, False),
        ([(stage, HERE) for stage in STAGES[:-1]] + [(STAGES[-1], None)], HERE, False),
        ([(stage, HERE) for stage in STAGES], None, False),
        ([], HERE, False),
    ],
    ids=["all", "one with others", "a stage missing", "one that does not tell", "nothing to compare", "nobody"],
)
def test_rules_are_live_once_each_stage_tells_them_and_nobody_tells_others(
    told: list[tuple[str, Configuration | None]], wanted: Configuration | None, *, seen: bool
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    assert seen_by_all([*(page_of(*each) for each in told), nobody], wanted) is seen


def test_what_differs_is_named_as_a_person_sets_it_and_what_is_unread_is_not() -> None:
    page = WorkerPage("http://mover:9100", ready=True, faults={}, stage="mover", runs_with=HERE)
    assert list(differences(page, HERE)) == []
    others = Configuration("1", "2", "3")
    assert list(differences(page, others)) == ["rules", "DOCSPACE_API_HOST", "MAIL_FROM"]
    assert list(differences(replace(page, runs_with=Configuration(rules="1")), others)) == []
    assert list(differences(replace(page, runs_with=None), others)) == []


def test_settings_that_no_worker_could_start_with_are_compared_with_nothing() -> None:
    rule = {"CLIENT_ROOM_ID": "1", "INCOMING_FOLDER_ID": "2", "MANAGER_EMAIL": "m@example.com"}
    good = rule | {"DOCSPACE_API_HOST": "https://portal.example", "SMTP_URL": "smtp://127.0.0.1"}
    assert here(good) is not None
    assert here(good | {"MANAGER_EMAIL": "nobody"}) is None
