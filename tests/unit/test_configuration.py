"""What a worker tells of its rules: one hash for the same rules, another for others, and no secret in it."""

from datetime import date

import pytest

from shared.process.configuration import configuration
from shared.rules.model import Rule, RuleSet
from shared.rules.recipient import Recipient

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
        {"digest": "every 15 minutes"},
        {"hours": "Mon-Fri 08:00-18:00"},
        {"notify": ["mailto://user:password@example.com"]},
    ],
)
def test_other_rules_have_another_hash(changed: dict[str, object]) -> None:
    assert told(**changed) != told()


@pytest.mark.parametrize(
    "said", [{}, {"digest": ["08:00"]}, {"deputy": "b@c.de", "deputy_until": date(2026, 12, 24)}]
)
def test_other_recipients_are_other_rules(said: dict[str, object]) -> None:
    rule, recipient = Rule.model_validate(TABLE), Recipient.model_validate({"address": "a@b.de", **said})
    with_them = [RuleSet(rules=(rule,), recipients=recipients) for recipients in ((), (recipient,))]
    assert len({configuration(rules).rules for rules in with_them}) == 2
    other = Recipient.model_validate({"address": "a@b.de", "language": "de"})
    assert (
        configuration(RuleSet(rules=(rule,), recipients=(recipient,))).rules
        != configuration(RuleSet(rules=(rule,), recipients=(other,))).rules
    )


def test_a_channels_token_is_in_no_hash() -> None:
    assert told(notify=["slack://OtherA/OtherB/OtherC"]) == told()


def test_a_rule_that_is_switched_off_counts_as_none() -> None:
    on, off = (Rule.model_validate(TABLE | {"name": name, "enabled": name == "on"}) for name in ("on", "off"))
    assert configuration(RuleSet(rules=(on, off))) == configuration(RuleSet(rules=(on,)))


def test_what_a_process_does_not_read_it_does_not_tell() -> None:
    found = configuration(RuleSet(rules=(Rule.model_validate(TABLE),)), "https://portal.example")
    assert found.docspace_api_host
    assert found.mail_from == ""
