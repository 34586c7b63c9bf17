"""The decision, question by question."""

from dataclasses import replace

import pytest

from shared.docspace.payload import Entry, Webhook
from shared.rules.decide import Answer, Ask, Decision, Known, Match, NoMatch, Question, decide
from shared.rules.file import single_rule
from shared.rules.finding import HIDDEN, Check
from shared.rules.model import Rule, RuleSet
from shared.rules.place import Folder

SECTION, ROOM, SUB, INCOMING = 52817, 86190, 86193, 748239
SERVICE = "3a1c6b0e-0d7c-4a7e-9a4f-6f0b7f1b2c3d"
PATH = (Folder(SECTION, "Rooms"), Folder(ROOM, "Acme"), Folder(SUB, "2026"))
RULES = single_rule(str(ROOM), str(INCOMING), "manager@example.com")
KNOWN = Known(service_user=Answer(SERVICE), path=Answer(PATH), title=Answer("Invoice 1.pdf"))


def rule(name: str, **fields) -> Rule:
    base = {"rooms": [ROOM], "destination": INCOMING, "recipients": ["m@example.com"], "name": name}
    return Rule.model_validate({**base, **fields})


def webhook(trigger: str = "file.uploaded", actor: str | None = "client", **entry) -> Webhook:
    base = {"id": 748301, "title": "Invoice 1.pdf", "parent_id": SUB, "root_id": SECTION, "is_file": True}
    return Webhook(trigger=trigger, actor=actor, entry=Entry(**{**base, **entry}))


def refused(decision: Decision) -> NoMatch:
    assert isinstance(decision, NoMatch)
    return decision


def reason(decision: Decision) -> str:
    return refused(decision).reason


def matched(decision: Decision) -> Match:
    assert isinstance(decision, Match)
    return decision


def test_an_upload_below_the_room_matches_by_its_path() -> None:
    assert decide(RULES, webhook(), KNOWN) == Match(RULES.rules[0], "Invoice 1.pdf")


def test_questions_come_one_at_a_time_and_only_when_needed() -> None:
    known = Known()
    assert decide(RULES, webhook(), known) == Ask(Question.SERVICE_USER)
    known = Known(service_user=Answer(SERVICE))
    assert decide(RULES, webhook(), known) == Ask(Question.PATH)
    known = Known(service_user=Answer(SERVICE), path=Answer(PATH))
    assert decide(RULES, webhook(), known) == Ask(Question.TITLE)


@pytest.mark.parametrize("other", [webhook("file.moved"), webhook("room.created"), webhook(is_file=False)])
def test_ordinary_traffic_asks_nothing(other) -> None:
    assert isinstance(decide(RULES, other, Known()), NoMatch)


def test_the_title_is_not_asked_for_outside_the_room() -> None:
    elsewhere = Known(service_user=Answer(None), path=Answer(PATH[:1]))
    assert isinstance(decide(RULES, webhook(), elsewhere), NoMatch)


def test_a_wrong_trigger_is_named() -> None:
    assert (
        reason(decide(RULES, webhook("file.moved"), Known()))
        == 'rule "default": trigger file.moved is not one of file.created, file.uploaded'
    )


def test_a_folder_is_named() -> None:
    assert reason(decide(RULES, webhook(is_file=False), Known())) == (
        'rule "default": the entry is a folder, not a file'
    )


def test_our_own_doing_is_left_alone() -> None:
    assert reason(decide(RULES, webhook(actor=SERVICE.upper()), KNOWN)) == (
        f'rule "default": user {SERVICE.upper()} is the service user itself'
    )
    assert reason(decide(RULES, webhook(parent_id=str(INCOMING)), Known(service_user=Answer(None)))) == (
        f'rule "default": folder {INCOMING} is the destination already'
    )


def test_the_portals_word_on_where_it_lies_beats_the_payloads() -> None:
    moved = Known(service_user=Answer(None), path=Answer((PATH[0], Folder(INCOMING, "Incoming"))))
    assert reason(decide(RULES, webhook(), moved)).endswith("is the destination already")


def test_an_unknown_service_user_stops_nothing() -> None:
    known = Known(service_user=Answer(None), path=Answer(PATH), title=Answer(None))
    assert isinstance(decide(RULES, webhook(actor=None), known), Match)


@pytest.mark.parametrize("room", [ROOM, str(ROOM), f" {ROOM} "])
@pytest.mark.parametrize("field", ["root_id", "parent_id"])
@pytest.mark.parametrize("as_type", [int, str])
def test_root_and_parent_are_compared_as_text_without_asking(room, field, as_type) -> None:
    """The published example compares `rootId` with the configured id; a portal set up so keeps working."""
    rules = RuleSet(rules=(rule("r", rooms=[room]),))
    known = Known(service_user=Answer(None), title=Answer(None))
    assert isinstance(decide(rules, webhook(**{field: as_type(ROOM)}), known), Match)


def test_a_third_party_room_matches_as_text() -> None:
    rules = RuleSet(rules=(rule("r", rooms=["sbox-12"]),))
    known = Known(service_user=Answer(None), path=Answer((PATH[0], Folder("sbox-12", "S"))), title=Answer(None))
    assert isinstance(decide(rules, webhook(), known), Match)


def test_another_room_is_named_with_its_path() -> None:
    known = Known(service_user=Answer(None), path=Answer((PATH[0], Folder(5, "Other"), Folder(SUB, "2026"))))
    assert reason(decide(RULES, webhook(), known)) == (
        'rule "default": folder 86193 (Rooms / Other / 2026) is not in room 86190'
    )


def test_a_hidden_folder_is_named_as_such() -> None:
    decision = decide(RULES, webhook(), Known(service_user=Answer(None), path=Answer(None)))
    assert isinstance(decision, NoMatch)
    assert (decision.failures[0].check, decision.failures[0].seen) == (Check.ROOM, HIDDEN)


def test_a_wrong_title_is_named() -> None:
    known = Known(service_user=Answer(None), path=Answer(PATH), title=Answer("Contract.pdf"))
    decision = refused(decide(RuleSet(rules=(rule("acme"),)), webhook(), known))
    assert decision.reason == 'rule "acme": title "Contract.pdf" does not start with "invoice"'
    assert (decision.failures[0].seen, decision.failures[0].wanted) == ("Contract.pdf", 'start with "invoice"')


def test_the_portals_title_beats_the_payloads_which_beats_untitled() -> None:
    rules = RuleSet(rules=(rule("any", titles=["glob:*"]),))
    known = Known(service_user=Answer(None), path=Answer(PATH), title=Answer(None))
    assert matched(decide(rules, webhook(), replace(known, title=Answer("New.pdf")))).title == "New.pdf"
    assert matched(decide(rules, webhook(), known)).title == "Invoice 1.pdf"
    assert matched(decide(rules, webhook(title=None), known)).title == "Untitled"


def test_the_first_matching_enabled_rule_wins() -> None:
    rules = RuleSet(rules=(rule("off", enabled=False), rule("no", titles=["bill"]), rule("first"), rule("second")))
    assert matched(decide(rules, webhook(), KNOWN)).rule.name == "first"


def test_the_reason_is_that_of_the_rule_that_got_furthest() -> None:
    rules = RuleSet(
        rules=(
            rule("moved", triggers=["file.moved"]),
            rule("bills", titles=["bill", "glob:*rechnung*"]),
            rule("far", rooms=[9]),
            rule("off", enabled=False),
        )
    )
    decision = refused(decide(rules, webhook(), KNOWN))
    assert decision.reason == (
        'rule "bills": title "Invoice 1.pdf" does not start with "bill" or match "glob:*rechnung*"'
    )
    assert [(failed.rule.name, failed.check) for failed in decision.failures] == [
        ("moved", Check.TRIGGER),
        ("bills", Check.TITLE),
        ("far", Check.ROOM),
    ]


def test_without_an_enabled_rule_that_is_the_reason() -> None:
    assert reason(decide(RuleSet(rules=(rule("off", enabled=False),)), webhook(), KNOWN)) == "no rule is enabled"
