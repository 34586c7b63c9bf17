"""Reads a structured invoice, whichever syntax its root element says it is."""

from reader.syntaxes import facturae, fatturapa, ksef, ubl, uncefact
from reader.xml import DamagedXmlError, RefusedXmlError, parsed
from shared.wire.facts import Facts, Unread


def read(content: bytes) -> Facts:
    """`unread` says why there are no facts. With a known root and no number it is damaged: nobody could book it."""
    try:
        namespace, root = parsed(content)
    except RefusedXmlError:
        return Facts(unread=Unread.REFUSED_XML)
    except DamagedXmlError:
        return Facts(unread=Unread.DAMAGED)
    if uncefact.takes(namespace, root):
        found = uncefact.facts(namespace, root)
    else:
        fit = (each for each in (ubl, fatturapa, ksef, facturae) if each.takes(namespace, root))
        syntax = next(fit, None)
        if syntax is None:
            return Facts(unread=Unread.UNKNOWN_KIND)
        found = syntax.facts(root)
    return found if found.number else Facts(unread=Unread.DAMAGED)


def looks_like_xml(content: bytes) -> bool:
    """By its first character, in any encoding that XML may have, after a byte order mark and blanks."""
    start = content[:256].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    return start.startswith(b"<") and not start[:64].lower().startswith((b"<html", b"<!doctype html"))
