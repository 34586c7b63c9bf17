"""Is a text an invoice, and what are its figures? For PDFs that hold no structured invoice."""

from shared.wire.facts import Facts, Unread


def facts_of(pages: list[str]) -> Facts:
    """`no-text` where no page has a word."""
    if not any(page.strip() for page in pages):
        return Facts(unread=Unread.NO_TEXT)
    return Facts()
