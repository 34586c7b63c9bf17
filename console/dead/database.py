"""Where the ledger and the endpoints are recorded, for a command that needs only the broker otherwise."""

from collections.abc import Mapping

from console.settings import given
from shared.process.settings import LedgerDatabase, load

SETTINGS = ("DATABASE_URL", "DATABASE_URL_FILE")


def database_url(environ: Mapping[str, str]) -> str | None:
    """None if it is not set: the default is no more than a guess here. SettingsError if it is wrong."""
    if not given(SETTINGS[0], environ):
        return None
    settings = load(LedgerDatabase, {name: environ[name] for name in SETTINGS if name in environ})
    return settings.database_url.get_secret_value()
