"""A user and a password for each service in compose. `intake harden` also ends those that everybody knows."""

from collections.abc import Mapping

from console.harden import access
from console.setup.given import Given, Known


def setting(given: Given, known: Known) -> Mapping[str, str]:
    """What `.env` is to say of it; nothing where it says it, or that broker and database are elsewhere."""
    in_compose = (given.env_file.resolve().parent / "docker-compose.yml").is_file()
    elsewhere = known.written.get("AMQP_URL") and known.written.get("DATABASE_URL")
    return {access.SETTING: access.NAME} if in_compose and not elsewhere and not known.get(access.SETTING) else {}


def make(given: Given, settings: Mapping[str, str]) -> None:
    """The folder, before `.env` names it. The errors are those of `access.make`."""
    if access.SETTING in settings:
        access.make(given.env_file.resolve().parent / access.NAME)
