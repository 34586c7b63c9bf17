"""The address that setup takes for the webhook: of PUBLIC_HOST by itself, and how https comes about else."""

from dataclasses import fields
from pathlib import Path

import pytest

from console.setup.address_step import webhook_url
from console.setup.given import Given, Known
from console.setup.person import Person

NOTHING = dict.fromkeys((field.name for field in fields(Given)), None)


def answered(written: dict[str, str], said: str | None) -> str:
    """Without a terminal; `said` is --webhook-url."""
    known = Known("", written, {}, Path("rules.toml"), "", None)
    given = Given(**NOTHING | {"webhook_url": said})  # type: ignore[arg-type]  # the others are not looked at
    return webhook_url(Person(on_terminal=False, says_yes=True, by_stderr=False), given, known)


def test_with_a_public_host_the_address_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    written = {"PUBLIC_HOST": "hooks.invalid"}
    assert answered(written, None) == "https://hooks.invalid/docspace/webhook"
    assert answered(written | {"WEBHOOK_URL": "https://other.invalid/docspace/webhook"}, None).startswith(
        "https://other.invalid/"
    )
    assert "127.0.0.1:3000" not in capsys.readouterr().out


def test_without_one_setup_says_how_https_comes_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered({}, "hooks.invalid") == "https://hooks.invalid/docspace/webhook"
    told = " ".join(capsys.readouterr().out.split())
    assert "listens on 127.0.0.1:3000" in told
    assert "PUBLIC_HOST=hooks.invalid" in told
