"""A user and a password for each service of a new installation in compose; an older one is hardened."""

from collections.abc import Mapping

from console.harden import access
from console.setup.given import Given, Known

PORTAL = "DOCSPACE_API_HOST"


def setting(given: Given, known: Known) -> Mapping[str, str]:
    """What `.env` is to say of it; nothing where it says it, or where something else runs already."""
    in_compose = (given.env_file.resolve().parent / "docker-compose.yml").is_file()
    is_new = not known.written.get(PORTAL, "").strip() and not known.get(access.SETTING)
    elsewhere = known.get("AMQP_URL") and known.get("DATABASE_URL")
    return {access.SETTING: access.NAME} if in_compose and is_new and not elsewhere else {}


def make(given: Given, settings: Mapping[str, str]) -> None:
    """The folder, before `.env` names it. The errors are those of `access.make`."""
    if access.SETTING in settings:
        access.make(given.env_file.resolve().parent / access.NAME)
