r"""Regular expressions of an operator, matched with strangers' titles: RE2's engine takes linear time for any.

What is written has Python's meaning. RE2 knows no lookaround, backreference, atomic group or count over 1,000; a
pattern with one of them is refused. `\w`, `\d` and `\s` mean letters, digits and spaces of all scripts, as in
Python. Two differences: `\b` and `\B` know the letters of ASCII alone, and Turkish's i without a dot is no `i`.
"""

import functools
import re
from collections.abc import Callable, Iterator

import re2

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.never_capture = True
_OPTIONS.log_errors = False

_DIGITS, _WORD = r"\p{Nd}", r"\p{L}\p{N}_"
_SPACE = r"\t-\r\x1c-\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_ALONE = {
    "w": f"[{_WORD}]", "W": f"[^{_WORD}]", "d": _DIGITS, "D": r"\P{Nd}", "s": f"[{_SPACE}]", "S": f"[^{_SPACE}]",
    "Z": r"\z",
}  # fmt: skip
_IN_SET = {"w": _WORD, "d": _DIGITS, "D": r"\P{Nd}", "s": _SPACE, "b": r"\x08"}
_TOKEN = re.compile(
    r"\\u(?P<short>[0-9a-fA-F]{4})|\\U(?P<long>[0-9a-fA-F]{8})|\\(?P<escaped>.)|\{,(?P<most>\d*)\}|(?P<char>.)",
    re.DOTALL,
)
_BOUNDARY_BESIDE_ANOTHER_LETTER = re.compile(r"[^\W\x00-\x7f]\)*\\[bB]|\\[bB](?:\((?:\?:)?)*[^\W\x00-\x7f]")
_BACKREFERENCE = re.compile(r"\\[1-9]|\(\?P=")
_LOOKAROUND = re.compile(r"\(\?<?[=!]")


def search(pattern: str) -> Callable[[str], bool]:
    """Whether a text holds a match, in any case. ValueError says why the pattern cannot be used."""
    try:
        re.compile(pattern)  # Python's own words tell where a slip is
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    if _BOUNDARY_BESIDE_ANOTHER_LETTER.search(pattern):
        raise ValueError(r"cannot be used: \b and \B know the letters of ASCII alone; write (^|\W) or (\W|$)")
    try:
        found = re2.compile("".join(_translated(pattern)).encode(), options=_OPTIONS)
    except re2.error as error:
        raise ValueError(f"cannot be used: {_why(pattern, error.args[0].decode(errors='replace'))}") from error
    return lambda text: found.search(text.encode(errors="replace")) is not None


def _why(pattern: str, said: str) -> str:
    if around := _LOOKAROUND.search(pattern):
        why = f"it looks ahead or behind, with {around[0]}"
    elif back := _BACKREFERENCE.search(pattern):
        why = f"it refers back to a group, with {back[0]}"
    else:
        why = said
    return f"{why}; an engine in linear time has no lookaround, backreference, atomic group or count over 1,000"


def _translated(pattern: str) -> Iterator[str]:
    """The same in RE2's words."""
    in_set, begin = False, 0
    for token in _TOKEN.finditer(pattern):
        char = token["char"]
        if code := token["short"] or token["long"]:
            yield f"\\x{{{code}}}"
        elif escaped := token["escaped"]:
            yield _escape(escaped, in_set=in_set)
        elif not in_set and char is None:
            yield f"{{0,{token['most']}}}"
        elif not in_set:
            in_set, begin = char == "[", token.end()
            yield token[0]
        elif char == "^" and token.start() == begin:
            begin += 1
            yield char
        elif char == "]" and token.start() > begin:
            in_set = False
            yield char
        else:  # in a set: `[` begins no class such as [:alpha:], and a first `]` does not end it
            yield f"\\{char}" if char in {"[", "]"} else token[0]


def _escape(char: str, *, in_set: bool) -> str:
    if in_set and char in "WS":
        return _all_but(char)
    known = (_IN_SET if in_set else _ALONE).get(char)
    if known is not None:
        return known
    return char if char == "_" or not char.isascii() else f"\\{char}"


@functools.cache
def _all_but(escape: str) -> str:
    r"""The ranges of what Python's `\W` or `\S` takes: RE2 knows no such class in a set. Takes a second, once.

    U+0345 is left out: no title that was brought to one case holds it, and to RE2 it is an iota in another case.
    """
    every = "".join(map(chr, range(0x110000)))
    taken = re.finditer(rf"[^\{escape.lower()}\u0345]+", every)
    return "".join(f"\\x{{{found.start():x}}}-\\x{{{found.end() - 1:x}}}" for found in taken)
