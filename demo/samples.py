"""The files that the demo uploads, and what each of them shows."""

from dataclasses import dataclass

ROOM = 86190
SUBFOLDER = 86193
INCOMING = 748239


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    shows: str
    folder: int = ROOM
    kind: str = "chunked"
    """For a `chunked` upload the portal sends one webhook, for a `simple` one two."""
    invoice: bool = True
    locked_s: float = 0.0
    """For how long the client keeps the file locked after the upload."""
    after: str = ""
    """The key of another sample. This one is uploaded once that one ended well."""

    @property
    def key(self) -> str:
        return self.shows


SAMPLES = (
    Sample("Invoice 2026-001.pdf", "a large upload: one webhook"),
    Sample("Invoice 2026-002.pdf", "a small upload: two webhooks, one mail", kind="simple"),
    Sample("Invoice Müller & Söhne №7.pdf", "in a folder of the room", folder=SUBFOLDER),
    Sample("  invoice lower case.pdf", "a title that begins with blanks"),
    Sample("Contract draft.docx", "no invoice: it stays where it is", invoice=False),
    Sample("Invoice 2026-003.pdf", "locked by the client: filed once it is free", locked_s=3.0),
    Sample(
        "Invoice 2026-001.pdf",
        "a second file of that name",
        kind="simple",
        after="a large upload: one webhook",
    ),
)
