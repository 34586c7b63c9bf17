"""The texts in the languages that there are: `locale/LANGUAGE.po`, read at the start. English needs none."""

import gettext
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"


class Translations(gettext.NullTranslations):
    """Of one language. What a catalogue lacks is said in English."""

    def __init__(
        self,
        language: str,
        singular: Mapping[str, str] = MappingProxyType({}),
        plural: Mapping[str, Sequence[str]] = MappingProxyType({}),
        which: str = "n != 1",
    ) -> None:
        """`which` of the plurals a number takes, in C, as catalogues say it."""
        super().__init__()
        self.language = language
        self._singular, self._plural = singular, plural
        self._which = gettext.c2py(which)

    def gettext(self, message: str) -> str:
        return self._singular.get(message) or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._plural.get(msgid1, ())
        if forms and all(forms):
            return forms[self._which(n)]
        return msgid1 if n == 1 else msgid2


def catalogues(folder: Path = FOLDER) -> dict[str, Translations]:
    """By language; English is always among them. ValueError for a catalogue that cannot be read."""
    found = {ENGLISH: Translations(ENGLISH)}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem, abort_invalid=True)
        singular = {m.id: str(m.string) for m in catalogue if isinstance(m.id, str) and m.id}
        plural = {m.id[0]: tuple(map(str, m.string or ())) for m in catalogue if m.pluralizable}
        found[path.stem] = Translations(path.stem, singular, plural, catalogue.plural_expr)
    return found


def chosen(wanted: str | None, accepted: str, there: Sequence[str]) -> str:
    """The person's own, else the first that the browser asks for (`Accept-Language`) and that there is."""
    if wanted in there:
        return str(wanted)
    asked = (part.partition(";")[0].strip().lower() for part in accepted.split(","))
    for language in asked:
        for each in (language, language.partition("-")[0]):
            if each in there:
                return each
    return ENGLISH
