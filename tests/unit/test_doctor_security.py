"""What the doctor says of security where no server is asked: ways, signatures, files."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest

from console.doctor.line import Level
from console.doctor.security import CHECKS


def told(name: str, environ: Mapping[str, str]) -> dict[str, tuple[Level, str]]:
    """By text: how bad it is, and why."""
    return {line.text: (line.level, line.cause) for line in CHECKS[name](environ)}


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("https://portal.example.com", Level.OK),
        ("http://portal.example.com", Level.FAILED),
        ("http://10.0.0.5", Level.FAILED),
        ("http://[2001:db8::5]", Level.FAILED),
        ("http://simulator:8080", Level.OK),
        ("http://127.0.0.1:8080", Level.OK),
        ("http://[::1]:8080", Level.OK),
    ],
)
def test_the_key_goes_to_a_portal_elsewhere_by_tls_alone(url: str, level: Level) -> None:
    ((found, _),) = told("portal", {"DOCSPACE_API_HOST": url}).values()
    assert found == level


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("smtp+starttls://user:secret@mail.example.com:587", Level.OK),
        ("smtps://user:secret@mail.example.com", Level.OK),
        ("smtp://mail.example.com", Level.FAILED),
        ("smtp://host.docker.internal:25", Level.OK),
    ],
)
def test_mail_goes_elsewhere_by_tls_alone(url: str, level: Level) -> None:
    ((text, (found, _)),) = told("mail", {"SMTP_URL": url}).items()
    assert found == level
    assert "secret" not in text


def test_webhooks_of_anybody_and_by_http_are_failures() -> None:
    found = told("webhook", {"ALLOW_UNSIGNED": "true", "WEBHOOK_URL": "http://hooks.example.com/docspace/webhook"})
    assert sorted(found.values()) == [(Level.FAILED, "no-tls"), (Level.FAILED, "unsigned")]
    signed = {
        "DOCSPACE_WEBHOOK_SECRET": "Secret-12345",
        "WEBHOOK_URL": "https://hooks.example.com/docspace/webhook",
    }
    assert {level for level, _ in told("webhook", signed).values()} == {Level.OK}


def test_what_is_not_set_is_not_called_well() -> None:
    assert {cause for _, cause in told("webhook", {}).values()} == {"unseen"}
    assert {cause for _, cause in told("portal", {}).values()} == {"unseen"}


def test_files_that_others_can_open_are_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [cause for _, cause in told("files", {}).values()] == ["unseen"]
    (tmp_path / ".env").write_text("")
    (tmp_path / "secrets").mkdir()
    for mode, level in ((0o644, Level.FAILED), (0o600, Level.OK)):
        (tmp_path / ".env").chmod(mode)
        (tmp_path / "secrets").chmod(mode | 0o100)
        assert [found for found, _ in told("files", {}).values()] == [level, level]


def test_what_no_process_sees_of_itself_is_said_and_not_called_well() -> None:
    ((text, (_, cause)),) = told("beyond", {}).items()
    assert cause == "unseen"
    assert "ports" in text


def test_each_of_several_brokers_is_reached_by_tls() -> None:
    urls = "amqps://intake:secret@one.example.com/,amqp://intake:secret@two.example.com/"
    ways = list(islice(CHECKS["broker"]({"AMQP_URL": urls}), 2))  # told before any broker is asked
    assert [(line.level, line.cause) for line in ways] == [(Level.OK, ""), (Level.FAILED, "no-tls")]
