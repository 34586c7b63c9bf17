"""The file of certificate authorities that this command's own requests trust, beside the system's: TLS_CA_FILE."""

from pathlib import Path

file: Path | None = None


def trust(named: str) -> None:
    """Once, before the first request. `named` is the setting, or empty."""
    global file  # noqa: PLW0603 - of the whole process, as what it trusts is
    file = Path(named) if named else None
