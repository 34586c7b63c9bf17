"""Settings: every bad variable named at once, secrets from files and never shown."""

from pathlib import Path

import pytest

from ingress.__main__ import Settings as IngressSettings
from mover.__main__ import Settings as MoverSettings
from shared.process.settings import History, SettingsError, load

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
    assert "s3cret" not in repr(load(IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": "s3cret-8"}))


def test_without_a_secret_the_ingress_does_not_start_unless_told() -> None:
    for nothing in ("", " ", ",", ",\t,"):
        with pytest.raises(SettingsError, match="DOCSPACE_WEBHOOK_SECRET: required"):
            load(IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": nothing})
        assert load(IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": nothing, "ALLOW_UNSIGNED": "true"}).secrets == ()
    with pytest.raises(SettingsError, match="DOCSPACE_WEBHOOK_SECRET"):
        load(IngressSettings, {})
    assert load(IngressSettings, {"ALLOW_UNSIGNED": "true"}).secrets == ()


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ("Short-7", "the secret has 7 characters: a portal takes 8 to 30"),
        ("One,Secret-2", "secret 1 of 2 has 3 characters: a portal takes 8 to 30; a comma stands between two"),
        ("Good-Secret," + "x" * 31, "secret 2 of 2 has 31 characters"),
        ("Pass word-1", "the secret holds a character that it may not"),
        ("Ümlaut-Secret", "the secret holds a character that it may not"),
        ("Good-Secret, Tab\tSecret", "secret 2 of 2 holds a character that it may not"),
    ],
)
def test_a_secret_that_no_portal_takes_is_named_by_its_place_and_never_shown(secrets: str, said: str) -> None:
    for unsigned in ("false", "true"):
        with pytest.raises(SettingsError) as raised:
            load(IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": secrets, "ALLOW_UNSIGNED": unsigned})
        assert f"DOCSPACE_WEBHOOK_SECRET: {said}" in str(raised.value)
        assert not any(one.strip() in str(raised.value) for one in secrets.split(","))


@pytest.mark.parametrize("secret", ["aaaaaaaa", "x" * 30, "!\"#$%&'()*+-./:;<=>?@[]^_`{|}~"])
def test_a_secret_of_8_to_30_printable_characters_is_taken(secret: str) -> None:
    assert load(IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": secret}).secrets == (secret.encode(),)


def test_several_secrets_and_brokers_are_comma_separated() -> None:
    settings = load(
        IngressSettings, {"DOCSPACE_WEBHOOK_SECRET": "Old-Secret, New-Secret", "AMQP_URL": "amqp://a/,amqp://b/"}
    )
    assert settings.secrets == (b"Old-Secret", b"New-Secret")
    assert settings.amqp_urls == ("amqp://a/", "amqp://b/")


def test_a_bad_rules_file_stops_the_start_and_names_file_rule_and_field(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "acme"\nrooms = [1]\ndestination = 2\nrecipients = ["nobody"]\n')
    text = problems(GOOD | {"RULES_FILE": str(path)})
    for part in ("rules.toml", "acme", "recipients"):
        assert part in text


@pytest.mark.parametrize(
    ("said", "steps", "uploads"),
    [
        ({}, 90, 400),
        ({"HISTORY_KEEP_DAYS": "30"}, 30, 30),
        ({"UPLOADS_KEEP_DAYS": "500"}, 90, 500),
        ({"HISTORY_KEEP_DAYS": "30", "UPLOADS_KEEP_DAYS": "60"}, 30, 60),
    ],
)
def test_who_set_one_time_for_the_history_before_there_were_two_meant_both(said, steps, uploads) -> None:
    settings = load(History, said)
    assert (settings.history_keep_days, settings.uploads_days) == (steps, uploads)


def test_an_upload_is_kept_no_shorter_than_its_steps() -> None:
    with pytest.raises(SettingsError, match="UPLOADS_KEEP_DAYS: is less than HISTORY_KEEP_DAYS"):
        load(History, {"HISTORY_KEEP_DAYS": "60", "UPLOADS_KEEP_DAYS": "30"})
