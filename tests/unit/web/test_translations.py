"""A catalogue that is laid into the folder is a language; what it lacks is said in English."""

from pathlib import Path

from console.web.translations import catalogues

CZECH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2;\\n"

msgid "Uploads"
msgstr "Nahrané soubory"

msgid "Rooms"
msgstr ""

msgid "%(n)s thing"
msgid_plural "%(n)s things"
msgstr[0] "%(n)s věc"
msgstr[1] "%(n)s věci"
msgstr[2] "%(n)s věcí"
"""


def test_a_catalogue_is_read_with_its_own_plurals(tmp_path: Path) -> None:
    (tmp_path / "cs.po").write_text(CZECH, encoding="utf-8")
    found = catalogues(tmp_path)
    czech = found["cs"]
    assert sorted(found) == ["cs", "en"]
    assert czech.gettext("Uploads") == "Nahrané soubory"
    assert czech.gettext("Rooms") == "Rooms"
    forms = [czech.ngettext("%(n)s thing", "%(n)s things", n) for n in (1, 3, 5)]
    assert forms == ["%(n)s věc", "%(n)s věci", "%(n)s věcí"]
    assert czech.ngettext("%(n)s room", "%(n)s rooms", 2) == "%(n)s rooms"
