r"""What a title must look like: `invoice` (a prefix), `glob:*rechnung*.pdf` or `regex:^(inv|re)[-_ ]?\d+`."""

import difflib
import fnmatch
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Self

from shared.rules import regex

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
    + [code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()]
)
"""Control and zero-width characters, direction marks and the BOM: titles carry them, and nobody sees them."""


_LONGEST = 4_000
"""Characters that are brought to one form. Python's time for it grows with the square of the combining marks in a
row: 16 ms for so many, 0.4 s for 20,000. DocSpace's titles have 170 characters."""


def normalise(title: str) -> str:
    """The title as it is compared: no invisible characters, case or outer white space, one form per letter.

    Of one over 4,000 characters, letters stay composed as they are.
    """
    return _one_form(title.translate(_INVISIBLE)).strip()


def _is_dotted(title: str) -> bool:
    """Whether the portal may have put the dot at its end: it does so to a name without an extension, as `noext`."""
    return title.endswith(".") and "." not in title[:-1]


def _one_form(text: str) -> str:
    if len(text) > _LONGEST:
        return text.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


@dataclass(frozen=True, slots=True)
class TitleTest:
    """The base; each kind has its own. Of two kinds, or of two texts, no two are equal."""

    kind: ClassVar[str]
    """As it stands before the colon."""
    verbs: ClassVar[tuple[str, str]] = ("match", "matches")

    text: str
    """As written, without the kind."""
    _fits: Callable[[str], bool] = field(repr=False, compare=False)
    """Given a normalised title."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of what follows the kind; ValueError says what is wrong with it."""
        raise NotImplementedError

    @classmethod
    def is_meant_by(cls, head: str, rest: str) -> bool:  # noqa: ARG003 - each kind decides by what it needs
        """Whether `head:rest` is this kind under a name that it does not have, beside one that is misspelt."""
        return False

    def matches(self, title: str) -> bool:
        wanted = normalise(title)
        return self._fits(wanted) or (_is_dotted(wanted) and self._fits(wanted[:-1]))

    @property
    def wish(self) -> str:
        """What a title must do, as the end of a sentence: `start with "invoice"`."""
        return f'{self.verbs[0]} "{self}"'

    @property
    def deed(self) -> str:
        """What a title does that it takes: `starts with "invoice"`."""
        return f'{self.verbs[1]} "{self}"'

    def __str__(self) -> str:
        """As a person writes it."""
        return f"{self.kind}:{self.text}"


@dataclass(frozen=True, slots=True)
class Prefix(TitleTest):
    """What a text without a kind is."""

    kind = "prefix"
    verbs = ("start with", "starts with")

    @classmethod
    def parse(cls, text: str) -> Self:
        wanted = normalise(text)
        if not wanted:
            raise ValueError('an empty prefix matches every title; write "glob:*" if that is meant')
        return cls(text.strip(), lambda title: title.startswith(wanted))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Glob(TitleTest):
    kind = "glob"

    @classmethod
    def parse(cls, text: str) -> Self:
        wanted = normalise(text)
        if not wanted:
            raise ValueError('an empty glob matches nothing; write "glob:*" for every title')
        # linear too: what follows a star is taken where it is found first, and never tried elsewhere
        compiled = re.compile(fnmatch.translate(wanted))
        return cls(text.strip(), lambda title: compiled.match(title) is not None)


@dataclass(frozen=True, slots=True)
class Regex(TitleTest):
    kind = "regex"

    short: ClassVar[tuple[str, ...]] = ("re", "reg", "rx")
    """Taken for it where a sign follows that means something in one: `Re: paid` is a title."""
    signs: ClassVar[re.Pattern[str]] = re.compile(r"\S*[\^$\\\[\](){}|*+?]")

    @classmethod
    def parse(cls, text: str) -> Self:
        if not text.strip():
            raise ValueError('an empty regex matches every title; write "glob:*" if that is meant')
        try:
            fits = regex.search(_regex_normalised(text.strip()))
        except ValueError as error:
            raise ValueError(f'"{cls.kind}:{text}" {error}') from error
        return cls(text.strip(), fits)

    @classmethod
    def is_meant_by(cls, head: str, rest: str) -> bool:
        return head in cls.short and cls.signs.match(rest) is not None


KINDS: dict[str, type[TitleTest]] = {test.kind: test for test in (Prefix, Glob, Regex)}
NAMED = ", ".join(f"{kind}:…" for kind in KINDS if kind != Prefix.kind)
"""How those are written that need their kind."""


def title_test(written: str) -> TitleTest:
    """ValueError says what is wrong: it is empty, it is no regular expression, or its kind is misspelt."""
    head, colon, rest = written.partition(":")
    kind = head.strip().lower() if colon else ""
    if kind in KINDS:
        return KINDS[kind].parse(rest)
    if meant := _meant(kind, rest):
        raise ValueError(
            f'"{head}:" is no kind of pattern; did you mean "{meant}:"? '
            f'Titles that start with these very letters are "{Prefix.kind}:{written.strip()}"'
        )
    return Prefix.parse(written)


def _meant(kind: str, rest: str) -> str | None:
    """The kind that was misspelt; None for a title that holds a colon, as `Rechnung: 12`."""
    near = difflib.get_close_matches(kind, KINDS, n=1, cutoff=0.85)
    if near:
        return near[0]
    return next((name for name, test in KINDS.items() if test.is_meant_by(kind, rest)), None)


def _regex_normalised(text: str) -> str:
    r"""As `normalise`, but ASCII keeps its case: it is meaning there, as in `\D`, and IGNORECASE is set anyway."""
    visible = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return "".join(letter if letter.isascii() else _one_form(letter) for letter in visible)
