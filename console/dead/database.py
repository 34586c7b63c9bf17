"""Where the ledger and the endpoints are recorded, for a command that needs only the broker otherwise."""

from collections.abc import Mapping

from console.settings import given
from shared.process.settings import Database, load


def database_url(environ: Mapping[str, str]) -> str | None:
    """None if it is not set: the default is no more than a guess here. SettingsError if it is wrong."""
    if not given("DATABASE_URL", environ):
        return None
    return load(Database, environ).database_url.get_secret_value()
