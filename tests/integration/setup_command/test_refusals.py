"""`intake setup` names what is wrong and the mend, and writes nothing then."""

from typing import Any

import pytest

from simulator.portal import seed
from simulator.portal.model import Role
from tests.integration.setup_command.desk import Desk

Json = dict[str, Any]


@pytest.mark.parametrize(
    "option", ["--portal", "--room", "--incoming", "--recipient", "--smtp-url", "--webhook-url"]
)
def test_without_a_terminal_a_missing_answer_names_its_option(desk: Desk, option: str) -> None:
    done = desk.run(**{option.removeprefix("--").replace("-", "_"): None})
    assert done.exit_code == 2
    assert f"say it with {option}" in done.stderr or f"or {option}" in done.stderr
    assert list(desk.folder.iterdir()) == []


def test_without_a_terminal_a_missing_key_says_where_one_may_stand(desk: Desk) -> None:
    done = desk.run(key=None)
    assert done.exit_code == 2
    assert "say it with DOCSPACE_API_KEY, DOCSPACE_API_KEY_FILE or --api-key-file" in done.stderr


def test_a_secret_in_env_that_no_portal_takes_is_named_at_once_and_not_shown(desk: Desk) -> None:
    desk.env_file.write_text("DOCSPACE_WEBHOOK_SECRET=Short-1\n")
    done = desk.run()
    assert done.exit_code == 2
    assert "DOCSPACE_WEBHOOK_SECRET: the secret has 7 characters: a portal takes 8 to 30" in done.stderr
    assert "Short-1" not in done.output + done.stderr


@pytest.mark.parametrize(
    ("room", "role", "text", "mend"),
    [
        (
            seed.CLIENT_ROOM,
            Role.CREATOR,
            'room 86190 "Acme Ltd" of rule Acme Ltd: the service user may not move other people\'s files out of it',
            'mend: make the service user room manager in "Acme Ltd"',
        ),
        (
            seed.ACCOUNTING_ROOM,
            Role.VIEWER,
            "the service user may not move files into it",
            "mend: make the service user room manager or content creator there",
        ),
        (seed.CLIENT_ROOM, None, 'there is no room "Acme Ltd" that the service user may see', ""),
    ],
    ids=["in the room", "in the destination", "hidden room"],
)
def test_a_missing_right(desk: Desk, room: int, role: Role | None, text: str, mend: str) -> None:
    desk.role(room, role)
    done = desk.run()
    assert (done.exit_code, list(desk.folder.iterdir())) == (1, [])
    assert text in done.output
    assert mend in done.output


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"key": "sk-wrong"}, "or its user is disabled\n                   mend: make a new one in the portal"),
        ({"portal": "http://127.0.0.1:1"}, "mend: give another address with --portal"),
        ({"room": "acme"}, 'there is no room "acme" that the service user may see; there is "Acme Ltd"'),
        ({"room": "404404"}, 'there is no room "404404"'),
        ({"incoming": "Accounting/Nowhere"}, "--create-incoming makes it"),
        ({"incoming": "Nowhere/Incoming"}, 'there is no room "Nowhere"'),
        ({"incoming": "Acme Ltd"}, "they cannot be filed in it too"),
        ({"smtp_url": "smtp://127.0.0.1:1"}, "mend: correct SMTP_URL, or start the mail server"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_with_the_mend_and_nothing_is_written(
    desk: Desk, changed: dict[str, Any], text: str
) -> None:
    done = desk.run("--create-incoming" if "Nowhere/" in str(changed) else "--yes", **changed)
    assert (done.exit_code, list(desk.folder.iterdir())) == (1, [])
    assert text in done.output


def test_with_a_key_that_the_portal_refuses_it_asks_no_further(desk: Desk) -> None:
    done = desk.run(key="sk-wrong")
    assert done.stderr == "intake: nothing was written: mend what failed above, then run this again\n"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"recipient": "nobody"}, '--recipient: "nobody" is not an e-mail address'),
        ({"smtp_url": "mail"}, "or --smtp-url: must start with smtp://"),
        ({"webhook_url": "https://"}, "--webhook-url: "),
        ({"mail_from": "x"}, "--mail-from: 'x' is not an e-mail address"),
        ({"key": "sk wrong"}, "has characters that no HTTP header can carry"),
        ({"title": "regex:("}, "titles: "),
    ],
    ids=str,
)
def test_a_bad_answer_is_exit_code_2(desk: Desk, changed: Json, text: str) -> None:
    done = desk.run(**changed)
    assert (done.exit_code, list(desk.folder.iterdir())) == (2, [])
    assert text in done.stderr


def test_two_rooms_of_one_name_are_told_apart_by_their_ids(desk: Desk) -> None:
    other = desk.simulator.portal.create_room(seed.OWNER, "acme ltd", seed.CUSTOM_ROOM, [])
    assert f"say which by its id, {seed.CLIENT_ROOM}, {other.id}" in desk.run().stderr
    assert desk.run("--dry-run", room=str(other.id)).exit_code == 0
