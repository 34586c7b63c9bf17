"""What a person is told, in the forms that mail and chats take. A value only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Announcement:
    subject: str
    """One line."""
    text: str
    html: str
    """Empty for a chat."""
