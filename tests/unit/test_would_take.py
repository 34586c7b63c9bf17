"""What would make a rule take an upload that none took: by the checks that were made, and by its title."""

import pytest

from console.explain.would_take import would_take
from shared.docspace.payload import Entry, Webhook
from shared.rules.decide import Answer, Known, trace
from shared.rules.file import parse_rules
from shared.rules.model import RuleSet
from shared.rules.place import Folder

RULE = '[[rule]]\nname = "{}"\nrooms = [{}]\ntitles = ["{}"]\ndestination = 8\nrecipients = ["m@example.com"]\n'


def rules(*facts: tuple[str, int, str]) -> RuleSet:
    return parse_rules("".join(RULE.format(*each) for each in facts).encode(), "rules")


def wishes(of: RuleSet, title: str, *, room: int | None = 7, trigger: str = "file.uploaded") -> list[str]:
    path: Answer[tuple[Folder, ...]] | None = None
    if room is not None:
        path = Answer((Folder(room, "", is_room=True),))
    known = Known(service_user=Answer(None), path=path, title=Answer(title))
    webhook = Webhook(trigger=trigger, entry=Entry(id=1, title=title, is_file=True))
    return would_take(of, tuple(trace(of, webhook, known)), title)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"title": "Minutes.docx"}, 'its title did start with "invoice"'),
        ({"title": "Invoice.pdf", "room": 5}, "it lay in room 7"),
        ({"title": "Minutes.docx", "room": 5}, 'it lay in room 7 and its title did start with "invoice"'),
        ({"title": "Invoice.pdf", "room": None}, "it lies in room 7, which only the portal knows,"),
        ({"title": "Invoice.pdf", "trigger": "file.moved"}, "its event were one of file.created, file.uploaded"),
    ],
)
def test_each_check_that_failed_is_a_wish_and_a_title_that_none_asked_about(facts, wanted):
    assert wishes(rules(("acme", 7, "invoice")), **facts) == [f'rule "acme" would take it if {wanted}']


def test_the_rule_that_wants_least_comes_first():
    first, second = wishes(rules(("far", 5, "bill"), ("near", 7, "bill")), "Minutes.docx")
    assert first == 'rule "near" would take it if its title did start with "bill"'
    assert second.startswith('rule "far" would take it if it lay in room 5 and')


def test_rules_that_take_it_by_now_are_said_to():
    assert wishes(rules(("acme", 7, "minutes")), "Minutes.docx") == ['rule "acme" takes it, as the rules are now']
