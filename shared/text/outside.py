"""Makes text from outside fit for a header, a row, a line, a terminal or a chat. Pure.

Titles, ids, triggers and the answers of other servers may have any length and hold any character. The log or the
message's body keeps the whole text.
"""

import re
import unicodedata
from hashlib import sha256

REASON_BYTES, ERROR_BYTES = 2_000, 3_000
"""The most in AMQP headers. A header frame cannot be split: with the ids both fit the smallest, 8,192 bytes."""
NAME_BYTES = 255
"""The most in an id, type or routing key: AMQP gives their length one byte."""
ROW_BYTES = 4_000
"""The most of a sentence or a title in a table. DocSpace's titles have at most 170 characters."""
KEY_BYTES = 1_000
"""The most in a column with an index: an index entry of PostgreSQL holds 2,704 bytes."""

MARK = "…"
_HASH_CHARS = 16
_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of surrogate pairs, line breaks. Of the category Cf only those in BIDI are removed:
emoji and Persian need its joiners."""
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of text: they can make `gpj.exe` read as `exe.jpg`."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SHORT_AND_PLAIN = re.compile(r"[ -~]*")
_BEFORE_A_SCHEME = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=\bmailto)(?=:)", re.IGNORECASE)
_AT_A_WORDS_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_HEADING = re.compile(r"^#{1,6}(?=\s)")
_TOGETHER = re.compile(r"(?<=\|)(?=\|)|(?<=#)(?=[\w.-]+:)")
_FOR_CHATS = str.maketrans(
    {
        "<": "\u2039", ">": "\u203a", "@": "@\u200b", "[": "\uff3b", "]": "\uff3d",
        "*": "\u2217", "`": "\u02cb", "~": "\u223c",
    }
)  # fmt: skip


def cut(text: str, most_bytes: int) -> str:
    """At most `most_bytes` of UTF-8. A cut text ends in MARK. What UTF-8 cannot hold becomes `?`."""
    if len(text) * 4 <= most_bytes and text.isascii():
        return text
    encoded = text.encode(errors="replace")
    if len(encoded) > most_bytes:
        encoded = encoded[: most_bytes - len(MARK.encode())]
        return encoded.decode(errors="ignore") + MARK
    return encoded.decode()


def storable(text: str, most_bytes: int = ROW_BYTES) -> str:
    """Text that SQLite and PostgreSQL both store: without NUL and halves of surrogate pairs, and cut."""
    return cut(_UNSTORABLE.sub("\ufffd", text), most_bytes)


def identifier(text: str, most_bytes: int = KEY_BYTES) -> str:
    """An id that can be stored, shown and searched for. Most ids stay as they are.

    If an id is too long, or holds characters that cannot be stored or shown, it becomes its beginning and a hash.
    So different ids stay different. Repeating changes nothing.
    """
    if len(text) * 4 <= most_bytes and text.isprintable():
        return text
    clean = "".join(char for char in one_line(text) if char.isprintable())
    if clean == text and len(text.encode()) <= most_bytes:
        return text
    hashed = f"{MARK}{sha256(text.encode(errors='surrogatepass')).hexdigest()[:_HASH_CHARS]}"
    return cut(clean, most_bytes - len(hashed.encode())).removesuffix(MARK) + hashed


def one_line(text: str) -> str:
    """The text on one line. Characters that break a line or a header, or turn its direction, become one space."""
    if _SHORT_AND_PLAIN.fullmatch(text):
        return " ".join(text.split())
    kept = (" " if unicodedata.category(char) in _BREAKING or char in BIDI else char for char in text)
    return " ".join("".join(kept).split())


def harmless(text: str) -> str:
    """Text that a terminal shows and does not obey. Line feeds and tabs stay; what does not print is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def cell(text: str) -> str:
    """As `harmless`, on one line. Else a title with a line feed could fake a line of our output."""
    return harmless(text).replace("\n", "\\x0a").replace("\t", "\\x09")


def for_chat(text: str) -> str:
    """On one line, with nothing that a chat takes for a mention, a link or markup.

    `@everyone` and `@here` (Discord, Telegram, Teams), `<!channel>`, `<@U1>`, `<https://…|text>` (Slack,
    Discord), `[text](https://…)` (Markdown), a bare `https://…` or `www.…` (all), HTML; `*bold*`, `_italic_`,
    `` `code` ``, `~~struck~~` (Slack, Discord, Mattermost, Teams), `||spoiler||` and `# heading` (Discord),
    `~channel` (Mattermost), `#room:server` (Matrix). Each such character becomes one that looks alike, or gets a
    space without width beside it. The text reads as before; an underscore within a word stays, as none obeys it.
    """
    kept = _TOGETHER.sub("\u200b", _BEFORE_A_SCHEME.sub("\u200b", one_line(text)))
    plain = _HEADING.sub(lambda found: "\uff03" * len(found[0]), _AT_A_WORDS_EDGE.sub("\uff3f", kept))
    return plain.translate(_FOR_CHATS)
