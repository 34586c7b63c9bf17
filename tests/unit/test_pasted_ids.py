"""Ids as people paste them are understood, or refused with a sentence."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from console.__main__ import app
from console.setup.choosing import ChoiceError, named
from shared.docspace.model import FolderInfo
from shared.docspace.places import Page
from shared.rules.file import RulesError, single_rule
from shared.rules.ids import entry_id, id_text
from shared.rules.model import Rule

PORTAL = "https://portal.onlyoffice.com"
ROOM_ADDRESSES = [
    f"{PORTAL}/rooms/shared/86190/filter?folder=86190&sortorder=descending",
    f"{PORTAL}/rooms/shared/86190/",
    f" {PORTAL}/rooms/archived/filter?folder=86190\n",
    "portal.onlyoffice.com/rooms/shared/86190",
    "/rooms/shared/86190",
    f"{PORTAL}/api/2.0/files/rooms/86190",
]
FILE_ADDRESSES = [
    f"{PORTAL}/doceditor?fileId=748301&version=2",
    f"{PORTAL}/doceditor?fileid=748301",
    f"{PORTAL}/rooms/shared/86190/media/view/748301",
    f"{PORTAL}/filehandler.ashx?action=download&fileid=748301",
]
NUMBERS = [
    "86190",
    " 86190\r\n",
    "\ufeff86190",
    "86190\u200b",
    "86\u200b190",
    "\u202a86190\u202c",
    "\uff18\uff16\uff11\uff19\uff10",
    "086190",
]
REFUSED = [
    *("", "  ", "\u200b", "0", "-5", "#86190", '"86190"', "86 190", "86,190", "86190.5", "9" * 19, "a\nb"),
    *("86190/", "https://portal.onlyoffice.com/", "http://[", "mailto://86190"),
]


@pytest.mark.parametrize("text", NUMBERS + ROOM_ADDRESSES)
def test_a_room_is_understood(text):
    assert entry_id(text) == 86190


@pytest.mark.parametrize("text", FILE_ADDRESSES)
def test_a_files_address_is_taken_for_a_file_and_refused_for_a_folder(text):
    assert entry_id(text, "file") == 748301
    with pytest.raises(ValueError, match="is the address of a file"):
        entry_id(text, "folder")


@pytest.mark.parametrize("text", ROOM_ADDRESSES)
def test_a_rooms_address_is_no_files(text):
    with pytest.raises(ValueError, match="names no file but of a folder"):
        entry_id(text, "file")


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("wanted", ["file", "folder"])
def test_what_is_no_id_is_refused_with_a_sentence(text, wanted):
    with pytest.raises(ValueError, match=r"^(is not an id: a whole number|is an address that names no )"):
        entry_id(text, wanted)


def test_an_address_that_names_two_folders_is_refused_with_both():
    with pytest.raises(ValueError, match="names several, 86190 and 86193"):
        entry_id(f"{PORTAL}/rooms/shared/86190/filter?folder=86193")


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("sbox-12-|Invoices|May", "sbox-12-|Invoices|May"),
        (" sbox-12 ", "sbox-12"),
        ("\ufeffsbox-12\u200b", "sbox-12"),
        ("drive-7-a/b?c", "drive-7-a/b?c"),
        ("sbox-12-|\u06f1\u200c", "sbox-12-|\u06f1\u200c"),
        (f"{PORTAL}/rooms/shared/sbox-12-%7CMay%2F1/filter?folder=sbox-12-%7CMay%2F1", "sbox-12-|May/1"),
    ],
)
def test_an_id_of_third_party_storage_is_taken_as_it_is(text, id_):
    assert entry_id(text) == id_


@given(st.text())
@example("86190\u00b9")
def test_whatever_is_pasted_a_number_that_is_understood_stands_in_it(text):
    try:
        found = entry_id(text)
    except ValueError:
        return
    if isinstance(found, int):
        digits = "".join(str(int(char)) for char in text if char.isdecimal())
        assert str(found) in digits
    else:
        assert found == text.strip() or found in text


@pytest.mark.parametrize("variable", ["CLIENT_ROOM_ID", "INCOMING_FOLDER_ID"])
def test_the_variables_take_what_is_pasted_and_name_themselves_where_they_do_not(variable):
    def rule_of(pasted: str) -> Rule:
        places = {"CLIENT_ROOM_ID": "1", "INCOMING_FOLDER_ID": "2"} | {variable: pasted}
        return single_rule(places["CLIENT_ROOM_ID"], places["INCOMING_FOLDER_ID"], "m@example.org").rules[0]

    rule = rule_of(ROOM_ADDRESSES[0])
    assert "86190" in (*rule.rooms, str(rule.destination))
    with pytest.raises(RulesError, match=f"{variable}: .*is the address of a file"):
        rule_of(FILE_ADDRESSES[0])


def rooms(text, start, count):
    found = [FolderInfo(id=5, title="1/2 & Co"), FolderInfo(id=6, title="--")]
    return Page(tuple(each for each in found if text in each.title), 1)


def test_the_setup_takes_an_address_and_a_name_without_letters():
    def by_id(room_id):
        return FolderInfo(id=room_id, title="Acme")

    assert named(ROOM_ADDRESSES[0], rooms, "room", by_id).id == 86190
    assert named("--", rooms, "room").id == 6
    with pytest.raises(ChoiceError, match="is the address of a file"):
        named(FILE_ADDRESSES[0], rooms, "room")


@pytest.mark.parametrize(
    "arguments",
    [
        ["timeline", ROOM_ADDRESSES[0]],
        ["find", ROOM_ADDRESSES[0]],
        ["list", "--room", FILE_ADDRESSES[0]],
        ["explain", "--file-id", ROOM_ADDRESSES[0]],
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_commands_refuse_an_address_of_something_else(arguments, tmp_path):
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/h.db", "CLIENT_ROOM_ID": "1", "INCOMING_FOLDER_ID": "2",
        "MANAGER_EMAIL": "m@example.org",
    }  # fmt: skip
    told = CliRunner().invoke(app, arguments, env=environ | {"TERMINAL_WIDTH": "400"})
    assert told.exit_code == 2, told.output
    assert "is the address of a file" in told.output or "names no file but of a folder" in told.output


def test_an_id_is_one_text():
    assert {id_text(each) for each in (86190, "86190", " 86190 ")} == {"86190"}
