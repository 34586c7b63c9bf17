"""`find` and `list` as a person asks: words, days, rooms by name; and what an empty answer tells."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.history.dates import begin
from shared.store.history.step import Outcome, Step
from shared.store.history.store import Store
from shared.store.history.tables import Database

FRIDAY = begin("friday", time.time()) + 60
BEFORE = begin("friday", FRIDAY - 86_400) + 60  # the Friday of the week before
ACME, OTHER = ("86190", "Acme Ltd"), ("86200", "Other & Co")
ID = "5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11"

Run = Callable[..., Any]


def upload(number: int, title: str, at: float, room: tuple[str, str], *, id_: str | None = None) -> Step:
    return Step(
        key=str(number), correlation_id=id_ or f"{number:08x}-0000-4000-8000-000000000000", at=at,
        stage="classifier", outcome=Outcome.SKIP, type="event.skipped", message_id=f"m{number}", title=title,
        room=room[0], room_title=room[1], uploaded_by="Jane Doe", file_id=str(1000 + number), reason="no rule",
    )  # fmt: skip


UPLOADS = [
    upload(1, "Invoice 4711.pdf", FRIDAY, ACME, id_=ID),
    upload(2, "Invoice 4712.pdf", FRIDAY, OTHER),
    upload(3, "Invoice 4713.pdf", BEFORE, ACME),
    upload(4, "Friday report of Acme.pdf", BEFORE, OTHER),
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    url = f"sqlite:///{tmp_path}/ledger.db"
    database = Database(url)
    database.create()
    Store(database).record(UPLOADS, 1)
    database.close()

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(app, arguments, env={"DATABASE_URL": url, "INGRESS_PORT": "1", "COLUMNS": "80"})

    return call


def titles(run: Run, *arguments: str) -> list[str]:
    return [upload["title"] for upload in json.loads(run(*arguments, "--json").stdout)]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (("acme", "friday"), [1]),
        (("ACME friday",), [1]),
        (("invoice", "acme"), [1, 3]),
        (("4711.pdf invoice",), [1]),
        (("Invoice 4711",), [1]),
        (("jane", "other"), [2, 4]),
        (("report", "friday"), [4]),
        ((ID[:8],), [1]),
        (("1002",), [2]),
        (("invoice", "--room", "acme"), [1, 3]),
        (("invoice", "--room", "86200"), [2]),
        (("invoice", "--from", "friday", "--until", "friday"), [1, 2]),
        (("invoice", "--until", f"{time.strftime('%Y-%m-%d', time.localtime(BEFORE))}"), [3]),
    ],
    ids=str,
)
def test_find_takes_words_a_day_rooms_by_name_and_short_ids(
    run: Run, asked: tuple[str, ...], numbers: list[int]
) -> None:
    assert sorted(titles(run, "find", *asked)) == sorted(UPLOADS[number - 1].title or "" for number in numbers)


def test_list_takes_a_rooms_name_and_days_and_tells_the_latest_first(run: Run) -> None:
    assert titles(run, "list", "--room", "acme") == ["Invoice 4711.pdf", "Invoice 4713.pdf"]
    assert titles(run, "list", "--room", "acme", "--since", "friday") == ["Invoice 4711.pdf"]
    assert run("list", "--room", "nobody").exit_code == 0


def test_an_empty_answer_says_what_was_looked_at(run: Run) -> None:
    told = run("find", "acme", "zebra", "friday")
    assert (told.exit_code, told.stdout) == (1, "")
    lines = told.stderr.splitlines()
    assert lines[0] == "intake: no upload fits 'acme', 'zebra', of friday"
    assert lines[1].startswith("intake: 1 upload came in to rooms called 'acme' from ")
    assert lines[2].startswith("intake: in all 2 uploads came in from ")
    assert lines[3].startswith("intake: the last one came in at ")


def test_a_list_says_below_it_that_there_are_more_and_of_which_zone_its_times_are(run: Run) -> None:
    told = run("list", "--limit", "2")
    assert len(told.stdout.splitlines()) == 2
    assert told.stderr.startswith("the latest 2: --limit shows more; times are ")
    assert run("list").stderr.startswith("times are ")


def test_a_timeline_takes_the_short_id_that_a_line_shows(run: Run) -> None:
    (line,) = run("find", "4711").stdout.splitlines()
    assert ID[:8] in line.split()
    told = run("timeline", ID[:8]).stdout
    assert told.splitlines()[0] == "· Not an invoice: Invoice 4711.pdf"
    assert f"upload {ID}, file 1001" in told


@pytest.mark.parametrize("option", ["--from", "--until", "--since"])
def test_what_is_no_time_is_wrong_usage(run: Run, option: str) -> None:
    told = run("list", option, "fryday")
    assert told.exit_code == 2
    assert "'fryday' is no time: friday" in told.stderr
