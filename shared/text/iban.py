"""Account numbers by ISO 13616, without blanks and in capitals."""

_LEAST_CHARS = 5


def checks(iban: str) -> bool:
    """Whether its check digits are right: ISO 7064, MOD 97-10."""
    if len(iban) < _LEAST_CHARS or not (iban.isascii() and iban.isalnum()):
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1
