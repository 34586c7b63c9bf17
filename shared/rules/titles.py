r"""What a title must look like: `invoice` (a prefix), `glob:*rechnung*.pdf` or `regex:^(inv|re)[-_ ]?\d+`."""

import difflib
import fnmatch
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from shared.rules import regex

Kind = Literal["prefix", "glob", "regex"]

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
    + [code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()]
)
"""Control and zero-width characters, direction marks and the BOM: titles carry them, and nobody sees them."""


_LONGEST = 4_000
"""Characters that are brought to one form. Python's time for it grows with the square of the combining marks in a
row: 16 ms for so many, 0.4 s for 20,000. DocSpace's titles have 170 characters."""
_KINDS = ("prefix", "glob", "regex")
_TAKEN_FOR_REGEX = ("re", "reg", "rx")
"""Where a sign follows that means something in one: `Re: paid` is a title."""
_SIGNS = re.compile(r"\S*[\^$\\\[\](){}|*+?]")


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
class TitlePattern:
    """One pattern, compared with the normalised title."""

    kind: Kind
    text: str
    """As written, without the kind."""
    _fits: Callable[[str], bool] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, written: str) -> "TitlePattern":
        """ValueError says what is wrong: it is empty, it is no regular expression, or its kind is misspelt."""
        head, colon, rest = written.partition(":")
        kind = head.strip().lower() if colon else ""
        match kind:
            case "glob":
                return cls._glob(rest)
            case "regex":
                return cls._regex(rest)
            case "prefix":
                return cls._prefix(rest)
            case _ if meant := _meant(kind, rest):
                raise ValueError(
                    f'"{head}:" is no kind of pattern; did you mean "{meant}:"? '
                    f'Titles that start with these very letters are "prefix:{written.strip()}"'
                )
            case _:
                return cls._prefix(written)

    @classmethod
    def _prefix(cls, text: str) -> "TitlePattern":
        wanted = normalise(text)
        if not wanted:
            raise ValueError('an empty prefix matches every title; write "glob:*" if that is meant')
        return cls("prefix", text.strip(), lambda title: title.startswith(wanted))

    @classmethod
    def _glob(cls, text: str) -> "TitlePattern":
        wanted = normalise(text)
        if not wanted:
            raise ValueError('an empty glob matches nothing; write "glob:*" for every title')
        # linear too: what follows a star is taken where it is found first, and never tried elsewhere
        compiled = re.compile(fnmatch.translate(wanted))
        return cls("glob", text.strip(), lambda title: compiled.match(title) is not None)

    @classmethod
    def _regex(cls, text: str) -> "TitlePattern":
        if not text.strip():
            raise ValueError('an empty regex matches every title; write "glob:*" if that is meant')
        try:
            fits = regex.search(_regex_normalised(text.strip()))
        except ValueError as error:
            raise ValueError(f'"regex:{text}" {error}') from error
        return cls("regex", text.strip(), fits)

    def matches(self, title: str) -> bool:
        wanted = normalise(title)
        return self._fits(wanted) or (_is_dotted(wanted) and self._fits(wanted[:-1]))

    def __str__(self) -> str:
        return self.text if self.kind == "prefix" else f"{self.kind}:{self.text}"


def _meant(kind: str, rest: str) -> str | None:
    """The kind that was misspelt; None for a title that holds a colon, as `Rechnung: 12`."""
    near = difflib.get_close_matches(kind, _KINDS, n=1, cutoff=0.85)
    if near:
        return near[0]
    return "regex" if kind in _TAKEN_FOR_REGEX and _SIGNS.match(rest) else None


def _regex_normalised(text: str) -> str:
    r"""As `normalise`, but ASCII keeps its case: it is meaning there, as in `\D`, and IGNORECASE is set anyway."""
    visible = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return "".join(letter if letter.isascii() else _one_form(letter) for letter in visible)
