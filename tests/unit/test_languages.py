"""Every message in every language: whole, with nothing left in English, and by the clock that was asked for."""

import re
from html import unescape
from importlib import resources
from typing import Any

import pytest
from babel.messages.pofile import read_po

from shared.announcing import not_taken
from shared.announcing.facts import SUBJECT_CHARS
from shared.announcing.not_taken import Untaken
from shared.announcing.phrases import phrases
from shared.announcing.read import REASONS, SENTENCES
from shared.announcing.settings import Messages
from shared.announcing.tellings import tellings_of, voice_of
from shared.announcing.text import announcement, chat_announcement
from shared.announcing.voice import Voice
from shared.docspace.places import TITLE_MAX
from shared.process.settings import SettingsError, load
from shared.rules.file import RulesError, parse_rules
from shared.rules.model import Rule, RuleSet
from shared.rules.recipient import Recipient
from shared.rules.telling import Telling
from shared.text.languages import LANGUAGES
from tests.unit.test_text import BARE, DOWNLOAD, Page, invoice

SAID = re.compile(r"""(?:_|say)\((["'])(.+?)\1\)""")
SLOT = re.compile(r"%\(\w+\)s")
LONGEST = "Rechnung " + "W" * (TITLE_MAX + 5 - 9)
OTHERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "room": {"room_title": None},
    "uploader": {"uploaded_by": None},
    "time": {"uploaded_at": None},
    "path": {"destination_path": (), "destination_title": None},
    "file link": {"web_url": None},
    "folder link": {"folder_url": None},
    "page of the file": {"web_url": DOWNLOAD},
    "unlikeness of names": {"namesakes": (12,)},
}
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def used() -> set[str]:
    """The phrases in the templates and the code."""
    folder = resources.files("shared.announcing")
    files = [
        folder / "facts.py",
        folder / "read.py",
        folder / "digest.py",
        folder / "not_taken.py",
        *(folder / "templates").iterdir(),
    ]
    told = {found[1] for file in files for found in SAID.findall(file.read_text())}
    return {*told, *SENTENCES.values(), *REASONS.values()}


def catalogue(language: str) -> dict[str, str]:
    with (resources.files("shared.announcing") / "catalogues" / f"{language}.po").open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id and not each.fuzzy}


def test_each_language_but_english_has_a_catalogue_and_no_catalogue_is_left_over():
    names = {file.name for file in (resources.files("shared.announcing") / "catalogues").iterdir()}
    assert names == {f"{language}.po" for language in TRANSLATED}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_each_phrase_with_its_slots_and_no_other(language):
    said = catalogue(language)
    assert len(used()) == 61
    assert set(said) == used()
    assert [
        phrase for phrase, string in said.items() if sorted(SLOT.findall(phrase)) != sorted(SLOT.findall(string))
    ] == []
    assert [phrase for phrase, string in said.items() if not string or "%(" in SLOT.sub("", string)] == []


@pytest.mark.parametrize("missing", OTHERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_is_whole_with_the_longest_title_and_whatever_is_missing(language, missing):
    filed, voice = invoice(title=LONGEST, **OTHERS[missing]), Voice(language, "Europe/Berlin")
    mail = announcement(filed, "5f0c8a52-6a4e", voice, ("ben@example.com",))
    chat = chat_announcement(filed, "5f0c8a52-6a4e", voice, ("ben@example.com",))
    page = Page(mail.html)
    assert f'<html lang="{language}">' in mail.html
    for body in (mail.text, page.text, chat.text):
        assert LONGEST in body
        assert body.rstrip().endswith(f"{voice.say('Reference')}: 5f0c8a52")
        assert "%(" not in body
        assert ("19:19" in body) is (missing != "time")
        left = used() - {"Folder", "Room"} if language != "en" else set()
        assert [
            phrase for phrase in left if voice.say(phrase) != phrase and re.search(rf"\b{phrase}\b", body)
        ] == []
    assert len(mail.subject) <= SUBJECT_CHARS
    assert LONGEST[:100] in mail.subject
    assert "\n\n\n" not in mail.text
    assert len(page.links) == 2 - missing.endswith("link")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_taken_is_told_whole_in_each_language(language):
    whole = Untaken(
        LONGEST, "Acme <Ltd>", "acme", ("invoice", "glob:*<b>*"), "Bob", "2026-11-24T18:19:00Z", "rechnung"
    )
    bare = Untaken("", "", "acme", ("invoice",))
    for found in ([whole], [bare], [whole] * 150 + [bare]):
        mail = not_taken.announcement(found, Voice(language, "Europe/Berlin"))
        page = Page(mail.html)
        assert f'<html lang="{language}">' in mail.html
        assert len(mail.subject) <= SUBJECT_CHARS
        assert "\n\n\n" not in mail.text
        assert mail.text.partition("\n")[2].count(LONGEST) == min(found.count(whole), 100)
        for body in (mail.text, page.text):
            more = phrases(language)("and %(count)s more") % {"count": 50}
            assert (more in body) is (len(found) > 1)
            assert "%(" not in body
            assert [
                phrase
                for phrase in used()
                if language != "en" and phrases(language)(phrase) != phrase and phrase in body
            ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_an_older_workers_event_a_message_is_made_in_each_language(language):
    mail = announcement(BARE, "5f0c", Voice(language))
    assert mail.subject == phrases(language)("Invoice filed: %(title)s") % {"title": "Invoice.pdf"}
    assert phrases(language)("Sent because of the rule “%(rule)s”.") % {"rule": "acme"} in unescape(mail.html)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "25 October 2026, 02:30 CEST"),
        ("de", "25. Oktober 2026, 02:30 MESZ"),
        ("fr", "25 octobre 2026, 02:30 UTC+2"),
        ("es", "25 de octubre de 2026, 2:30 CEST"),
        ("it", "25 ottobre 2026 02:30 CEST"),
        ("nl", "25 oktober 2026, 02:30 CEST"),
        ("pl", "25 października 2026 02:30 CEST"),
    ],
)
def test_a_time_is_written_as_people_write_it(language, shown):
    assert Voice(language, "Europe/Berlin").moment("2026-10-25T00:30:00Z") == shown


def test_a_recipient_says_how_it_is_told_else_its_rule_and_else_the_settings_do():
    german = Rule(name="acme", rooms=("1",), destination=2, recipients=("a@b.de",), language="de")
    clock = german.model_copy(update={"name": "globex", "language": None, "timezone": "Asia/Kolkata"})
    pole = Recipient(address="Jan@B.de", language="pl")
    rules = RuleSet(rules=(german, clock), recipients=(pole,))
    tellings = tellings_of(rules, Telling(language="fr", timezone="Europe/Paris"))
    assert voice_of(tellings("acme", "a@b.de")) == Voice("de", "Europe/Paris")
    assert voice_of(tellings("globex", "slack:0123")) == Voice("fr", "Asia/Kolkata")
    assert voice_of(tellings("renamed", "a@b.de")) == Voice("fr", "Europe/Paris")
    assert voice_of(tellings("globex", "jan@b.de")) == Voice("pl", "Asia/Kolkata")


RULE = '[[rule]]\nname = "acme"\nrooms = [1]\ndestination = 2\nrecipients = ["a@b.de"]\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('language = "xx"', '"xx" is no language of the messages; it is one of en, de'),
        ('language = "DE"', '"DE" is no language'),
        ("language = 1", "language: must be a text in quotes"),
        ('timezone = "Europe/Berlim"', 'did you mean "Europe/Berlin"?'),
        ('timezone = "Europe"', '"Europe" is no time zone of IANA'),
        ('timezone = "../../etc/passwd"', "is no time zone of IANA"),
        ('timezone = ""', "is no time zone of IANA"),
    ],
)
def test_a_rule_with_a_language_or_zone_that_is_none_is_refused_when_read(line, said):
    with pytest.raises(RulesError, match=re.escape(said)):
        parse_rules(f"{RULE}{line}\n".encode(), "rules.toml")


def test_a_setting_with_a_language_or_zone_that_is_none_is_refused_at_the_start():
    assert load(Messages, {"LANGUAGE": "de_DE:de", "TZ": "Asia/Tokyo"}) == Messages()
    with pytest.raises(SettingsError) as raised:
        load(Messages, {"MESSAGE_LANGUAGE": "xx", "MESSAGE_TIMEZONE": "Mars"})
    assert re.findall(r"^MESSAGE_\w+", str(raised.value), re.MULTILINE) == ["MESSAGE_LANGUAGE", "MESSAGE_TIMEZONE"]
