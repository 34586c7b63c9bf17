"""Which portal, and with which key: asked for until the portal takes it. What is checked is the doctor's."""

from urllib.parse import urlsplit

from console.doctor import portal
from console.doctor.checks import PORTAL_TIMEOUT_S
from console.doctor.line import Level
from console.setup.given import Given, Known
from console.setup.person import Person
from shared.docspace.client import Client
from shared.process.settings import Portal, SettingsError, load

HOST, KEY = "DOCSPACE_API_HOST", "DOCSPACE_API_KEY"
TYPED = portal.Giving("give it below", "give another address below", "try again in a minute")
GIVEN = portal.Giving(
    f"give it as {KEY}, {KEY}_FILE or --api-key-file, and run setup again",
    "give another address with --portal, and run setup again",
    "run setup again in a minute",
)
KEY_OPTION = f"{KEY}, {KEY}_FILE or --api-key-file"


def connect(person: Person, given: Given, known: Known) -> tuple[Client, dict[str, str]]:
    """A client whose key the portal took, to be closed; and the two variables."""
    host_given, key_given = given.portal, _from_file(given)
    host_known, key_known = known.get(HOST), known.get(KEY)
    while True:
        host = person.answer("The portal's address", "--portal", _host, given=host_given, known=host_known)
        key = person.answer(
            "Its API key (Settings > Developer tools > API keys, of the user that files the invoices)", KEY_OPTION,
            _key, given=key_given, known=key_known, shown_as="Enter keeps the one that is set", hidden=True,
        )  # fmt: skip
        client = Client(host, key, pool_size=1, timeout_s=PORTAL_TIMEOUT_S, ca_file=known.ca_file)
        failed = False
        for line in portal.check(client, giving=TYPED if person.on_terminal else GIVEN):
            person.show(line)
            failed = failed or line.level is Level.FAILED
        if not failed:
            return client, {HOST: host, KEY: key}
        client.close()
        if not person.on_terminal:
            person.give_up("nothing was written: mend what failed above, then run this again")
        host_given, host_known, key_given, key_known = None, host, None, None


def _from_file(given: Given) -> str | None:
    return given.api_key_file.read_text(encoding="utf-8").strip() if given.api_key_file else None


def _host(text: str) -> str:
    """`portal.example`, or any address of a page on it."""
    parts = urlsplit(text if "://" in text else f"https://{text}")
    return _checked(HOST, f"{parts.scheme}://{parts.netloc}", {KEY: "-"})


def _key(text: str) -> str:
    return _checked(KEY, text, {HOST: "https://portal.example"})


def _checked(name: str, value: str, others: dict[str, str]) -> str:
    try:
        load(Portal, {name: value, **others})
    except SettingsError as error:
        raise ValueError(str(error).removeprefix(f"{name}: ")) from None
    return value
