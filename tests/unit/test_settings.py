"""Settings: every bad variable named at once, secrets from files and never shown."""

from pathlib import Path

import pytest

from ingress.__main__ import Settings as IngressSettings
from mover.__main__ import Settings as MoverSettings
from shared.settings import SettingsError, load

GOOD = {
    "DOCSPACE_API_HOST": "https://portal.example.com/",
    "DOCSPACE_API_KEY": "sk-secret",
    "CLIENT_ROOM_ID": "86190",
    "INCOMING_FOLDER_ID": "748239",
    "MANAGER_EMAIL": "manager@example.com",
}


def problems(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load(MoverSettings, environ)
    return str(caught.value)


def test_six_variables_are_enough_and_the_rest_has_its_defaults() -> None:
    settings = load(MoverSettings, GOOD)
    assert settings.docspace_api_host == "https://portal.example.com"
    assert settings.portal_host == "portal.example.com"
    assert settings.retry_delays_s == (5, 30, 120, 600, 3600)
    assert settings.health_port == 9100
    assert settings.rules().enabled[0].rooms == ("86190",)


def test_every_missing_variable_is_named_in_one_message() -> None:
    text = problems({})
    for name in GOOD:
        assert name in text


def test_every_bad_variable_is_named_in_one_message() -> None:
    text = problems(
        GOOD | {"DOCSPACE_API_HOST": "portal", "RETRY_DELAYS_S": "5,x", "HEALTH_PORT": "99999", "LOG_LEVEL": "loud"}
    )
    for name in ("DOCSPACE_API_HOST", "RETRY_DELAYS_S", "HEALTH_PORT", "LOG_LEVEL"):
        assert name in text


def test_an_empty_variable_counts_as_unset() -> None:
    assert "MANAGER_EMAIL: required" in problems(GOOD | {"MANAGER_EMAIL": " "})
    assert load(MoverSettings, GOOD | {"HEALTH_PORT": ""}).health_port == 9100


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-from-file\n")
    environ = {name: value for name, value in GOOD.items() if name != "DOCSPACE_API_KEY"}
    settings = load(MoverSettings, environ | {"DOCSPACE_API_KEY_FILE": str(path)})
    assert settings.docspace_api_key.get_secret_value() == "sk-from-file"


def test_a_secrets_file_that_cannot_be_read_or_competes_is_named(tmp_path: Path) -> None:
    assert "DOCSPACE_API_KEY_FILE" in problems(GOOD | {"DOCSPACE_API_KEY": "", "DOCSPACE_API_KEY_FILE": "/nowhere"})
    path = tmp_path / "key"
    path.write_text("x")
    assert "DOCSPACE_API_KEY" in problems(GOOD | {"DOCSPACE_API_KEY_FILE": str(path)})


def test_secrets_never_show_in_repr_or_errors() -> None:
    assert "sk-secret" not in repr(load(MoverSettings, GOOD))
    assert "hunter2" not in problems(
        GOOD | {"DATABASE_URL": "mysql://u:hunter2@h/d", "AMQP_URL": "http://u:hunter2@h"}
    )
    assert "s3cret" not in repr(load(IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": "s3cret"}))


def test_without_a_secret_the_ingress_does_not_start_unless_told() -> None:
    with pytest.raises(SettingsError, match="DOCSPACE_WEBHOOK_SECRET"):
        load(IngressSettings, {})
    assert load(IngressSettings, {"ALLOW_UNSIGNED": "true"}).secrets == ()


def test_several_secrets_and_brokers_are_comma_separated() -> None:
    settings = load(IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": "old, new", "AMQP_URL": "amqp://a/,amqp://b/"})
    assert settings.secrets == (b"old", b"new")
    assert settings.amqp_urls == ("amqp://a/", "amqp://b/")


def test_a_bad_rules_file_stops_the_start_and_names_file_rule_and_field(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "acme"\nrooms = [1]\ndestination = 2\nrecipients = ["nobody"]\n')
    text = problems(GOOD | {"RULES_FILE": str(path)})
    for part in ("rules.toml", "acme", "recipients"):
        assert part in text
