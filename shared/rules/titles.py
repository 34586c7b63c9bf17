r"""What a title must look like: `invoice` (a prefix), `glob:*rechnung*.pdf` or `regex:^(inv|re)[-_ ]?\d+`."""

import fnmatch
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["prefix", "glob", "regex"]

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
    + [code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()]
)
"""Control and zero-width characters, direction marks and the BOM: titles carry them, and nobody sees them."""


def normalise(title: str) -> str:
    """The title as it is compared: no invisible characters, case or outer white space, one form per letter."""
    return _one_form(title.translate(_INVISIBLE)).strip()


def _is_dotted(title: str) -> bool:
    """Whether the portal may have put the dot at its end: it does so to a name without an extension, as `noext`."""
    return title.endswith(".") and "." not in title[:-1]


def _one_form(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


@dataclass(frozen=True, slots=True)
class TitlePattern:
    """One pattern, compared with the normalised title."""

    kind: Kind
    text: str
    """As written, without the kind."""
    _compiled: re.Pattern[str] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, written: str) -> "TitlePattern":
        """ValueError says what is wrong with a pattern that is empty or is not a regular expression."""
        head, colon, rest = written.partition(":")
        match head.strip().lower() if colon else "":
            case "glob":
                return cls._glob(rest)
            case "regex":
                return cls._regex(rest)
            case "prefix":
                return cls._prefix(rest)
            case _:
                return cls._prefix(written)

    @classmethod
    def _prefix(cls, text: str) -> "TitlePattern":
        wanted = normalise(text)
        if not wanted:
            raise ValueError('an empty prefix matches every title; write "glob:*" if that is meant')
        return cls("prefix", text.strip(), re.compile(re.escape(wanted)))

    @classmethod
    def _glob(cls, text: str) -> "TitlePattern":
        wanted = normalise(text)
        if not wanted:
            raise ValueError('an empty glob matches nothing; write "glob:*" for every title')
        return cls("glob", text.strip(), re.compile(fnmatch.translate(wanted)))

    @classmethod
    def _regex(cls, text: str) -> "TitlePattern":
        if not text.strip():
            raise ValueError('an empty regex matches every title; write "glob:*" if that is meant')
        try:
            compiled = re.compile(_regex_normalised(text.strip()), re.IGNORECASE)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f'"regex:{text}" is not a regular expression: {error}') from error
        return cls("regex", text.strip(), compiled)

    def matches(self, title: str) -> bool:
        wanted = normalise(title)
        return self._fits(wanted) or (_is_dotted(wanted) and self._fits(wanted[:-1]))

    def _fits(self, wanted: str) -> bool:
        return bool(self._compiled.search(wanted) if self.kind == "regex" else self._compiled.match(wanted))

    def __str__(self) -> str:
        return self.text if self.kind == "prefix" else f"{self.kind}:{self.text}"


def _regex_normalised(text: str) -> str:
    r"""As `normalise`, but ASCII keeps its case: it is meaning there, as in `\D`, and IGNORECASE is set anyway."""
    visible = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return "".join(letter if letter.isascii() else _one_form(letter) for letter in visible)
