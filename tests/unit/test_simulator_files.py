"""How the simulated portal finds a file by its place and its title."""

from datetime import UTC, datetime

import pytest

from simulator.portal.files import Files
from simulator.portal.model import File, Id

NOW = datetime(2026, 7, 14, tzinfo=UTC)
HERE, THERE = 1, 2


def file(file_id: Id, title: str = "Invoice.pdf", folder_id: Id = HERE) -> File:
    return File(file_id, title, folder_id, 6, "jane", NOW, "jane", NOW)


@pytest.fixture
def files() -> Files:
    found = Files()
    for one in (file(7), file(8, "Other.pdf")):
        found[one.id] = one
    return found


def test_a_title_is_found_whatever_its_case_and_in_its_folder_alone(files: Files) -> None:
    assert files.titled(HERE, "INVOICE.PDF") is files[7]
    assert files.titled(THERE, "Invoice.pdf") is None


def test_a_file_that_was_moved_and_renamed_is_found_where_it_is_now(files: Files) -> None:
    files.place(files[7], THERE, "Paid.pdf")
    assert (files[7].folder_id, files[7].title) == (THERE, "Paid.pdf")
    assert files.titled(THERE, "paid.pdf") is files[7]
    assert [files.titled(folder, "Invoice.pdf") for folder in (HERE, THERE)] == [None, None]
    assert [[one.id for one in files.inside(folder)] for folder in (HERE, THERE)] == [[8], [7]]


def test_a_file_that_was_moved_keeps_its_turn_among_all(files: Files) -> None:
    files.place(files[7], THERE, "Invoice.pdf")
    assert list(files) == [7, 8]


def test_of_two_with_one_title_the_second_is_found_once_the_first_has_gone(files: Files) -> None:
    files[9] = file(9)
    del files[7]
    assert files.titled(HERE, "Invoice.pdf") is files[9]
    assert sorted(one.id for one in files.inside(HERE)) == [8, 9]


def test_an_id_that_comes_again_stands_for_the_new_file_alone(files: Files) -> None:
    files[7] = file(7, "Again.pdf", THERE)
    assert files.titled(HERE, "Invoice.pdf") is None
    assert files.titled(THERE, "Again.pdf") is files[7]
    assert len(files) == 2
