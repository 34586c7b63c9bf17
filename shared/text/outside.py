"""How long text from outside may be, and what it may hold, in each place that takes it. Pure.

Titles, ids, triggers and the answers of other servers may have any length and hold any character. The whole text
stays in the log or in the message's body; here it is made fit for a header, a row, a line or a chat.
"""

import re
import unicodedata
from hashlib import sha256

REASON_BYTES, ERROR_BYTES = 2_000, 3_000
"""In AMQP headers. A header frame cannot be split: with the ids these fit the smallest frame, of 8,192 bytes."""
NAME_BYTES = 255
"""AMQP's ids, types and routing keys have one byte for their length."""
ROW_BYTES = 4_000
"""Of a sentence or a title in a table. DocSpace's titles have 170 characters."""
KEY_BYTES = 1_000
"""Of what a table is searched by: an index entry of PostgreSQL holds 2,704 bytes."""

MARK = "…"
_HASH_CHARS = 16
_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of surrogate pairs, line breaks. Cf stays (emoji and Persian need its joiners), but
for those of BIDI."""
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They can make `gpj.exe` read as `exe.jpg`."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SHORT_AND_PLAIN = re.compile(r"[ -~]*")
_BEFORE_A_SCHEME = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=\bmailto)(?=:)", re.IGNORECASE)
_FOR_CHATS = str.maketrans({"<": "\u2039", ">": "\u203a", "@": "@\u200b", "[": "\uff3b", "]": "\uff3d"})


def cut(text: str, most_bytes: int) -> str:
    """At most so many bytes of UTF-8, with a mark where something was left out; nothing that UTF-8 has not."""
    if len(text) * 4 <= most_bytes and text.isascii():
        return text
    encoded = text.encode(errors="replace")
    if len(encoded) > most_bytes:
        encoded = encoded[: most_bytes - len(MARK.encode())]
        return encoded.decode(errors="ignore") + MARK
    return encoded.decode()


def storable(text: str, most_bytes: int = ROW_BYTES) -> str:
    """What SQLite and PostgreSQL both store: no NUL, no half of a surrogate pair; cut."""
    return cut(_UNSTORABLE.sub("\ufffd", text), most_bytes)


def identifier(text: str, most_bytes: int = KEY_BYTES) -> str:
    """For what is compared and searched by. A usual id stays as it is; what is too long or cannot be stored or
    shown becomes its beginning and a hash, so that different ids stay different. Repeating it changes nothing.
    """
    if len(text) * 4 <= most_bytes and text.isprintable():
        return text
    clean = "".join(char for char in one_line(text) if char.isprintable())
    if clean == text and len(text.encode()) <= most_bytes:
        return text
    hashed = f"{MARK}{sha256(text.encode(errors='surrogatepass')).hexdigest()[:_HASH_CHARS]}"
    return cut(clean, most_bytes - len(hashed.encode())).removesuffix(MARK) + hashed


def one_line(text: str) -> str:
    """Without what could break a line or a header, or turn it round: each run of such becomes one space."""
    if _SHORT_AND_PLAIN.fullmatch(text):
        return " ".join(text.split())
    kept = (" " if unicodedata.category(char) in _BREAKING or char in BIDI else char for char in text)
    return " ".join("".join(kept).split())


def harmless(text: str) -> str:
    """What a terminal shows and does not obey: line feeds and tabs stay, what else is not printed is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def cell(text: str) -> str:
    """As `harmless`, on one line: a line feed in a title must not begin a line that we never wrote."""
    return harmless(text).replace("\n", "\\x0a").replace("\t", "\\x09")


def for_chat(text: str) -> str:
    """On one line, with nothing that a chat takes for a mention, a link or markup.

    `@everyone` and `@here` (Discord, Telegram, Teams), `<!channel>`, `<@U1>`, `<https://…|text>` (Slack,
    Discord), `[text](https://…)` (Markdown), a bare `https://…` or `www.…` (all), HTML. The signs
    are replaced by ones that look alike, or parted by a space without width, and the text reads as before.
    """
    return _BEFORE_A_SCHEME.sub("\u200b", one_line(text)).translate(_FOR_CHATS)
