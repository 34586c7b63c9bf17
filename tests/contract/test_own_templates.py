"""Templates of the user's own: used where they work; where they do not, or attack, ours are, and it is said."""

import os
import re
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from notifier.handler import handle
from notifier.ports import Ports
from shared.announcing.channels.channel import Tools
from shared.announcing.channels.table import ChannelsOf
from shared.announcing.facts import Facts, facts
from shared.announcing.own_templates.child import MOST_CHARS
from shared.announcing.own_templates.folder import AGAIN_S, NAMES, OwnTemplates
from shared.announcing.settings import Messages
from shared.announcing.text import announcement, chat_announcement
from shared.announcing.voice import Voice
from shared.process.settings import SettingsError, load
from shared.rules.model import RuleSet
from shared.store.ledger import Ledger
from shared.store.outbox.windows import Windows
from tests.unit.test_notifier_handler import Post, announced, filed
from tests.unit.test_text import invoice

ATTACKS = {
    "python's inside": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a frame": "{{ cycler.__init__.__globals__.os.environ }}",
    "a format": "{{ '{0.__class__.__init__.__globals__}'.format(title) }}",
    "a large range": "{% for i in range(10**9) %}{% endfor %}",
    "loops without end": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a large power": "{{ 10 ** (10 ** 10) }}",
    "a huge text": "{{ 'x' * 10 ** 9 }}",
    "memory that it does not show": "{% set huge = title * 20000000 %}{{ title }}",
    "a huge filter": "{{ 'x' | center(10 ** 9) }}",
    "a huge output": "{% for i in range(9999) %}{{ title * 10 }}{% endfor %}",
    "a file outside": "{% include '../secret.txt' %}",
    "an import": "{% import 'os' as os %}{{ os }}",
    "itself": "{% include 'announcement.txt' %}",
    "a recursion": "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    "a change": "{{ rows.append(1) }}",
    "a variable that is none": "{{ titel }}",
    "no template": "{% for %}",
    "no text": "\udcff",
}


@pytest.fixture
def own(tmp_path: Path):
    (tmp_path / "secret.txt").write_text("hunter2")
    folder = tmp_path / "templates"
    folder.mkdir()
    own = OwnTemplates(folder)
    yield own
    own.close()


def write(own: OwnTemplates, name: str, text: str) -> None:
    """The next second's file, whatever the clock of the file system."""
    path = own._folder / name
    path.write_bytes(text.encode(errors="surrogateescape"))
    stamp = own._stamp(name) + 1_000_000_000
    os.utime(path, ns=(stamp, stamp))


def test_a_file_takes_the_place_of_ours_and_the_others_stay(own):
    write(own, "subject.txt", "{{ client }}\n{{ title }} <{{ reference }}>")
    write(
        own,
        "announcement.html",
        "<b>{{ title }}</b>{% for name, value in rows %}{{ name }}={{ value }};{% endfor %}",
    )
    filed, voice = invoice(title="<i>.pdf"), Voice("de")
    said, ours = announcement(filed, "5f0c8a52", voice, own=own), announcement(filed, "5f0c8a52", voice)
    assert said.subject == "ACME Ltd <i>.pdf <5f0c8a52>"
    assert said.html.startswith("<b>&lt;i&gt;.pdf</b>Raum=ACME Ltd;Hochgeladen von=Anna Client;")
    assert said.text == ours.text
    assert chat_announcement(filed, "5f0c8a52", voice, own=own).subject == "ACME Ltd \u2039i\u203a.pdf <5f0c8a52>"
    assert own.check() is None


def test_a_template_may_use_every_variable_and_no_other(own):
    names = sorted(Facts.__annotations__)
    write(own, "announcement.txt", "".join(f"{{{{ {name} is defined }}}}" for name in names))
    assert announcement(invoice(), "5f0c8a52", own=own).text == "True" * len(names)
    assert set(facts(invoice(), "5f0c8a52", Voice())) == set(names)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_costs_seconds_and_the_invoice_is_told_by_ours(own, attack):
    write(own, "announcement.txt", ATTACKS[attack])
    began = time.monotonic()
    with capture_logs() as logs:
        said = announcement(invoice(), "5f0c8a52", own=own)
    assert time.monotonic() - began < 30
    assert said == announcement(invoice(), "5f0c8a52")
    assert [line["event"] for line in logs] == ["template.unusable"]
    assert own.check().startswith(
        "a template in TEMPLATES_DIR cannot be used, and ours is in its place: announcement.txt: "
    )
    write(own, "announcement.txt", "{{ title }}")
    assert announcement(invoice(), "5f0c8a52", own=own).text == "Invoice 2026-118.pdf"
    assert own.check() is None


def test_a_text_of_the_longest_length_is_taken(own):
    write(own, "announcement.txt", f"{{{{ 'x' * {MOST_CHARS} }}}}")
    assert len(announcement(invoice(), "5f0c8a52", own=own).text) == MOST_CHARS


def test_a_template_that_failed_is_tried_again_after_a_minute_or_when_it_changes(own, monkeypatch):
    now, asked = [0.0], []
    monkeypatch.setattr(own, "_clock", lambda: now[0])
    render = own._process.render

    def counted(name, said):
        asked.append(name)
        return render(name, said)

    monkeypatch.setattr(own._process, "render", counted)
    write(own, "announcement.txt", "{{ titel }}")
    for at, times in ((0.0, 1), (AGAIN_S - 1, 1), (AGAIN_S, 2)):
        now[0] = at
        announcement(invoice(), "5f0c8a52", own=own)
        assert len(asked) == times
    write(own, "announcement.txt", "{{ title }}")
    assert announcement(invoice(), "5f0c8a52", own=own).text == "Invoice 2026-118.pdf"


def test_a_broken_template_is_said_before_an_invoice_comes(own):
    write(own, "announcement.html", "{{ titel }}")
    own.watch(lambda _: True)
    assert "announcement.html: 'titel' is undefined" in own.check()
    (own._folder / "announcement.html").unlink()
    own.watch(lambda _: True)
    assert own.check() is None


def test_the_process_that_renders_is_given_no_setting(own, monkeypatch):
    monkeypatch.setenv("DOCSPACE_API_KEY", "hunter2")
    write(own, "announcement.txt", "{{ title }}")
    announcement(invoice(), "5f0c8a52", own=own)
    environ = Path(f"/proc/{own._process._process.pid}/environ").read_bytes()
    assert b"hunter2" not in environ


def test_a_process_that_was_killed_is_begun_again(own):
    write(own, "announcement.txt", "{{ title }}")
    announcement(invoice(), "5f0c8a52", own=own)
    own._process._process.kill()
    own._process._process.wait()
    announcement(invoice(), "5f0c8a52", own=own)
    write(own, "announcement.txt", "{{ title }}!")
    assert announcement(invoice(), "5f0c8a52", own=own).text == "Invoice 2026-118.pdf!"


def test_everyone_is_told_though_all_templates_are_broken(own, tmp_path):
    for name in NAMES:
        write(own, name, "{{ titel }}")
    post, url = Post(), f"sqlite:///{tmp_path}/ledger.db"
    ledger = Ledger(url, owner="notifier")
    channels = ChannelsOf(RuleSet(rules=()), Tools(post))
    ports = Ports("portal.example.com", ledger, Windows(url), channels, own=own)
    assert handle(filed(), ports) == announced()
    assert [said.subject for said in post.said] == ["Invoice filed: Invoice.pdf"] * 2
    ledger.close()


def test_the_page_for_who_writes_templates_lists_every_variable_and_every_file():
    page = (Path(__file__).parents[2] / "docs/reference/templates.md").read_text()
    listed = {
        name for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in re.findall("`(.+?)`", row)
    }
    assert listed == {*Facts.__annotations__, *NAMES}


def test_a_folder_that_is_none_is_refused_at_the_start(tmp_path):
    assert load(Messages, {"TEMPLATES_DIR": str(tmp_path)}).templates_dir == tmp_path
    with pytest.raises(SettingsError, match=r"TEMPLATES_DIR: .* is no folder"):
        load(Messages, {"TEMPLATES_DIR": f"{tmp_path}/none"})
