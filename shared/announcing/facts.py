"""What a message says of an invoice: a value for each variable of the templates. Pure.

docs/reference/templates.md lists the variables for who writes templates of their own.
"""

from collections.abc import Callable, Sequence
from typing import TypedDict

from shared.announcing.links import is_download, link, newest
from shared.announcing.read import is_to_be_checked, rows_of
from shared.announcing.voice import Voice
from shared.text.outside import for_chat, one_line
from shared.wire.events import InvoiceFiled

SUBJECT_CHARS = 240
"""Longer than any title that DocSpace takes (170) with the client before it, and short enough for mail clients."""

CLIENT_CHARS = 60
"""In the subject: the title comes after it, and is what tells two mails apart."""

REFERENCE_CHARS = 8
"""Of the upload's id; `intake timeline` takes so many."""

MOST_OTHERS = 20


class Facts(TypedDict):
    language: str
    title: str
    client: str
    """The room's title, empty where it is not known, as is any other that is not."""
    uploaded_by: str
    uploaded_at: str
    folder: str
    """Its path: `Accounting / Incoming`."""
    others: str
    """Who else is told: addresses, and kinds of channels."""
    same_name: bool
    """Whether another file of the title was seen in the folder."""
    file_link: str
    folder_link: str
    is_download: bool
    """Whether `file_link` opens no page."""
    rule: str
    reference: str
    rows: list[tuple[str, str]]
    """What is known, with its label."""
    next_step: str
    read: list[tuple[str, str]]
    """What the file says, with its label; what is odd comes first. Empty where nobody read it."""
    check: bool
    """Whether something about it may cost money, so that it is to be looked at before it is paid."""


def facts(
    invoice: InvoiceFiled,
    correlation_id: str,
    voice: Voice,
    others: Sequence[str] = (),
    clean: Callable[[str], str] = one_line,
) -> Facts:
    """`others`: whom else it is told. `clean` makes text from outside fit for where it is shown."""
    say = voice.say
    file_link = newest(link(invoice.web_url))
    client, folder = clean(invoice.room_title or ""), clean(" / ".join(invoice.destination_path))
    uploaded_by, uploaded_at = clean(invoice.uploaded_by or ""), clean(voice.moment(invoice.uploaded_at))
    told = clean(_listed(others))
    same_name = bool(invoice.namesakes)
    read = rows_of(invoice, voice, clean)
    rows = [
        *read,
        (say("Room"), client),
        (say("Uploaded by"), uploaded_by),
        (say("Uploaded at"), uploaded_at),
        (say("Filed in"), folder),
        (say("Same name"), say("another file of this name lies there too") if same_name else ""),
        (say("Also to"), told),
    ]
    return Facts(
        language=voice.language,
        title=clean(invoice.title) or say("Untitled"),
        client=client,
        uploaded_by=uploaded_by,
        uploaded_at=uploaded_at,
        folder=folder,
        others=told,
        same_name=same_name,
        file_link=file_link,
        folder_link=link(invoice.folder_url),
        is_download=is_download(file_link),
        rule=clean(invoice.rule),
        reference=clean(correlation_id)[:REFERENCE_CHARS],
        rows=[(label, value) for label, value in rows if value],
        next_step=_next_step(say, same_name=same_name),
        read=read,
        check=is_to_be_checked(invoice),
    )


def for_chats(text: str) -> str:
    """`clean` for a chat: no mention, link or markup in a title, name or id is obeyed there."""
    return for_chat(one_line(text))


def subject(said: Facts, say: Callable[[str], str]) -> str:
    """The client first. Of a file that has the name of another one in its folder it says so."""
    client, title = cut(said["client"], CLIENT_CHARS), said["title"]
    whole = f"{client}: {title}" if client else say("Invoice filed: %(title)s") % {"title": title}
    end = f" ({say('same name as another file')})" if said["same_name"] else ""
    end += f" ({say('check before paying')})" if said["check"] else ""
    return cut(whole, SUBJECT_CHARS - len(end)) + end


def _next_step(say: Callable[[str], str], *, same_name: bool) -> str:
    if same_name:
        return say("Look whether this is the same invoice once more: another file of this name lies in the folder.")
    return say("Check the invoice. It is in its folder already, so nothing needs to be moved.")


def _listed(others: Sequence[str]) -> str:
    names = list(dict.fromkeys(others))
    return ", ".join(names[:MOST_OTHERS]) + (" …" if len(names) > MOST_OTHERS else "")


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
