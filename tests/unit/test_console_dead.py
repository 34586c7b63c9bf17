"""What the operator reads of dead letters, and what they are refused before any broker is asked."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.dead.archive import Archive, line
from console.dead.claims import let_go
from console.dead.facts import died_at, groups, pattern, reason, title
from console.dead.selection import Selection, stage_named
from console.dead.view import as_json, one, plain, rich_table
from shared.amqp.operator.dead_letters import DeadLetter
from shared.store.ledger import Held, Ledger, Won
from shared.wire.broker_deaths import KILLED
from shared.wire.stages import EVERY_NAME

DIED = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def letter(message_id: str = "m1", stage: str = "mover", body: bytes = b"{}", **headers: object) -> DeadLetter:
    return DeadLetter(
        stage=stage, message_id=message_id, properties={"message_id": message_id}, headers=dict(headers), body=body
    )


LIMIT_REACHED: dict[str, Any] = {"x-death": [{"reason": "delivery_limit", "time": DIED}]}


def run(*arguments: str, **env: str):
    return CliRunner().invoke(app, ["dead", *arguments], env=env)


@pytest.mark.parametrize(
    ("one_reason", "other_reason"),
    [
        ("gave up 86401 s after the first failure", "gave up 90011 s after the first failure"),
        (
            "file 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11 is gone",
            "file 0b9c65aa-6a4e-5d0b-9c65-2f1d3c0f7a12 is gone",
        ),
        ("operation deadbeef01234567 failed", "operation 00112233aabbccdd failed"),
        ("took 1.5 s", "took 12 s"),
    ],
)
def test_reasons_that_differ_in_numbers_and_ids_alone_are_one_group(one_reason, other_reason) -> None:
    (group,) = groups([letter("a", reason=one_reason), letter("b", reason=other_reason)])
    assert group.reason == pattern(one_reason)
    assert "#" in group.reason


def test_a_reason_shared_word_for_word_keeps_its_numbers() -> None:
    (group,) = groups([letter("a", reason="folder 7 is gone"), letter("b", reason="folder 7 is gone")])
    assert group.reason == "folder 7 is gone"


def test_words_and_stages_keep_groups_apart() -> None:
    found = groups(
        [
            letter("a", reason="locked"),
            letter("b", reason="no right"),
            letter("c", reason="no right"),
            letter("d", "notifier", reason="no right"),
        ]
    )
    assert [(group.stage, group.reason, len(group.letters)) for group in found] == [
        ("mover", "no right", 2),
        ("mover", "locked", 1),
        ("notifier", "no right", 1),
    ]


def test_a_group_tells_when_its_first_and_last_died() -> None:
    early, late = int(DIED.timestamp()), int(DIED.timestamp()) + 3600
    (group,) = groups([letter("a", reason="x", died_at=late), letter("b", reason="x", died_at=early)])
    told = as_json(group)
    assert (told["first"], told["last"]) == ("2026-05-04T03:02:01Z", "2026-05-04T04:02:01Z")
    assert "first    2026-05-04T03:02:01Z\n  last     2026-05-04T04:02:01Z" in plain([group])


def test_the_brokers_delivery_limit_reads_as_a_killed_worker() -> None:
    killed = letter(**LIMIT_REACHED)
    assert (reason(killed), died_at(killed)) == (KILLED, DIED.timestamp())


def test_a_killed_worker_is_the_reason_despite_an_earlier_retry() -> None:
    killed = letter(reason="portal down", **LIMIT_REACHED)
    assert reason(killed) == KILLED


def test_a_letter_without_any_reason_says_so() -> None:
    assert (reason(letter()), died_at(letter())) == ("no reason given", None)
    assert "unknown" in plain(groups([letter()]))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"title": "Invoice 7"}', "Invoice 7"),
        (b'{"event": {}, "payload": {"title": "Invoice 8"}}', "Invoice 8"),
        (b'{"title": 7}', None),
        (b"[1]", None),
        (b"\xff not JSON", None),
    ],
)
def test_the_title_is_found_in_events_and_in_webhooks(body, expected) -> None:
    assert title(letter(body=body)) == expected


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(frozenset({"m1"})), True),
        (Selection(frozenset({"m2"})), False),
        (Selection(stage="mover"), True),
        (Selection(stage="notifier"), False),
        (Selection(text="NO RIGHT"), True),
        (Selection(text="http 403"), True),
        (Selection(text="locked"), False),
        (Selection(frozenset({"m1"}), "mover", "locked"), False),
        (Selection(), True),
    ],
)
def test_a_selection_takes_what_meets_all_of_it(selection, taken) -> None:
    assert (letter(reason="no right to move", error="HTTP 403") in selection) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [("no-right", True), ("NO-RIGHT", True), ("locked", False), ("may not move", True), ("lock", True)],
)
def test_a_code_selects_by_the_code_alone_and_other_words_by_the_sentence(text, taken) -> None:
    told = letter(reason="the service user may not move the locked file", code="no-right")
    assert (told in Selection(text=text)) is taken


def test_a_code_finds_by_its_words_what_died_before_there_were_codes() -> None:
    assert letter(reason="the file is locked") in Selection(text="locked")


def test_letters_of_two_codes_are_two_groups_though_their_words_agree() -> None:
    found = groups([letter("a", reason="denied", code="no-right"), letter("b", reason="denied", code="locked")])
    assert [as_json(group)["code"] for group in found] == ["no-right", "locked"]
    assert "mover: 1 x no-right: denied" in plain(found)


def test_the_code_of_what_the_broker_buried_is_the_brokers() -> None:
    killed = letter(reason="busy", code="rate-limit", **LIMIT_REACHED)
    assert killed in Selection(text="delivery-limit")


@pytest.mark.parametrize("stage", [*EVERY_NAME, "dispatcher.erp"])
def test_every_stage_can_be_chosen(stage: str) -> None:
    assert Selection(stage=stage_named(stage)).stages() == (stage,)


def test_the_endpoints_are_looked_at_last() -> None:
    assert Selection().stages(["dispatcher.erp"]) == (*EVERY_NAME, "dispatcher.erp")


def test_one_json_line_holds_a_body_that_is_no_text() -> None:
    told = json.loads(line(letter(body=b"\xff\x00", blob=b"\xfe", when=DIED)))
    assert told["body_encoding"] == "base64"
    assert base64.b64decode(told["body"]) == b"\xff\x00"
    assert told["headers"] == {"blob": base64.b64encode(b"\xfe").decode(), "when": DIED.isoformat()}


def test_the_archive_adds_to_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "dead.jsonl"
    path.write_text('{"mine": 1}\n{"cut off')
    for message_id in ("a", "b"):
        with Archive(path) as archive:
            archive.keep(letter(message_id))
    lines = path.read_text().splitlines()
    assert lines[:2] == ['{"mine": 1}', '{"cut off']
    assert [json.loads(text)["message_id"] for text in lines[2:]] == ["a", "b"]


def test_a_narrow_terminal_keeps_every_id_in_one_piece(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    message_id = "5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11"
    rich_table(groups([letter(message_id, reason="no right to move [bold]it there", died_at=0)]))
    shown = capsys.readouterr().out
    assert message_id in shown
    assert "[bold]" in shown


def test_a_strangers_title_cannot_steer_the_terminal() -> None:
    hostile = letter(body=json.dumps({"title": "\x1b[2J\x9bInvoice"}).encode(), reason="\x1b]0;x\x07")
    for shown in (plain(groups([hostile])), one(hostile)):
        assert "Invoice" in shown
        assert not {"\x1b", "\x9b", "\x07"} & set(shown)


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",),
        ("replay", "--dry-run"),
        ("discard", "--to", "x"),
        ("discard", "--all"),
        ("replay", "--stage", "ingress"),
        ("show",),
        ("list", "--stage", "nobody"),
        ("list", "--stage", "dispatcher.erp.dead"),
        ("list", "--stage", "dispatcher."),
        ("list", "--stage", "dispatcher"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [(), ("list",), ("show",), ("replay",), ("discard",)])
def test_help_has_an_example(arguments) -> None:
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert "\n    intake dead " in result.stdout


def test_a_bad_setting_is_one_message_and_exit_code_2() -> None:
    result = run("list", AMQP_URL="http://somewhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "intake: this setting is wrong: AMQP_URL: every URL starts with amqp:// or amqps://\n"


def test_another_variable_of_the_workers_is_not_the_consoles_business(free_port) -> None:
    url = f"amqp://127.0.0.1:{free_port()}"
    assert run("list", AMQP_URL=url, RETRY_DELAYS_S="nonsense").exit_code == 1


def test_no_broker_is_one_sentence_without_the_password_and_exit_code_1(free_port) -> None:
    urls = [f"amqp://user:hunter2@127.0.0.1:{free_port()}/" for _ in range(2)]
    result = run("list", AMQP_URL=",".join(urls))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("intake: no broker answers at 127.0.0.1:")
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.stderr


def test_a_discarded_letter_of_the_mover_keeps_no_later_event_of_its_upload_away(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger = Ledger(url, owner="mover")
    try:
        for key, message in (("moved", "m1"), ("kept", "m2"), ("announced", "m3")):
            claim = ledger.claim(key, 60.0, message=message)
            assert isinstance(claim, Won)
            ledger.release(key, claim.token)
        assert let_go([letter("m1"), letter("m3", stage="notifier")], {"DATABASE_URL": url}) is None
        found = {key: ledger.claim(key, 60.0, message="later") for key in ("moved", "kept", "announced")}
    finally:
        ledger.close()
    assert {key: type(claim) for key, claim in found.items()} == {"moved": Won, "kept": Held, "announced": Held}


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "DATABASE_URL does not say where the ledger is"),
        ({"DATABASE_URL": "mysql://x"}, "must start with sqlite:///"),
        ({"DATABASE_URL": "sqlite:////dev/null/ledger.db"}, "the ledger cannot be reached"),
    ],
)
def test_a_claim_that_cannot_be_let_go_of_is_said_in_one_sentence(environ: dict[str, str], said: str) -> None:
    told = let_go([letter("m1")], environ)
    assert told is not None
    assert "a later event of these uploads is still taken for the discarded one's" in told
    assert said in told
    assert let_go([letter("m1", stage="classifier")], environ) is None
