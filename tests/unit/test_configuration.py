"""What a worker tells of its rules: one hash for the same rules, another for others, and no secret in it."""

import pytest

from shared.process.configuration import configuration
from shared.rules.model import Rule, RuleSet

TABLE = {
    "name": "acme", "rooms": [86190], "destination": 748239, "recipients": ["manager@example.com"],
    "titles": ["invoice", "glob:*rechnung*"], "notify": ["slack://TokenA/TokenB/TokenC"],
}  # fmt: skip


def told(**changed: object) -> str:
    return configuration(RuleSet(rules=(Rule.model_validate(TABLE | changed),))).rules


def test_the_same_rules_have_one_hash_however_their_ids_are_written() -> None:
    assert told() == told(rooms=["86190"], destination="748239")


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "acme 2"},
        {"rooms": [86190, 86193]},
        {"destination": 748240},
        {"recipients": ["somebody.else@example.com"]},
        {"titles": ["invoice", "prefix:*rechnung*"]},
        {"triggers": ["file.uploaded"]},
        {"notify": []},
        {"notify": ["mailto://user:password@example.com"]},
    ],
)
def test_other_rules_have_another_hash(changed: dict[str, object]) -> None:
    assert told(**changed) != told()


def test_a_channels_token_is_in_no_hash() -> None:
    assert told(notify=["slack://OtherA/OtherB/OtherC"]) == told()


def test_a_rule_that_is_switched_off_counts_as_none() -> None:
    on, off = (Rule.model_validate(TABLE | {"name": name, "enabled": name == "on"}) for name in ("on", "off"))
    assert configuration(RuleSet(rules=(on, off))) == configuration(RuleSet(rules=(on,)))


def test_what_a_process_does_not_read_it_does_not_tell() -> None:
    found = configuration(RuleSet(rules=(Rule.model_validate(TABLE),)), "https://portal.example")
    assert found.docspace_api_host
    assert found.mail_from == ""
