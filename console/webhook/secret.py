"""A new webhook secret: whatever the portal's password policy asks for, this meets."""

import secrets
import string

LENGTH = 30
"""The policy's own longest password; its shortest may be set to as much."""
SYMBOLS = "-_.+~"
"""The policy's special characters that mean nothing in a .env file, a shell or a list with commas."""


def new_secret() -> str:
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS)
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice("".join(kinds)) for _ in range(LENGTH - len(kinds))]
    secrets.SystemRandom().shuffle(letters)
    if not (letters[0] + letters[-1]).isalnum():
        return new_secret()  # so that a double click takes all of it
    return "".join(letters)
