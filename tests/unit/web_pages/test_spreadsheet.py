"""What is downloaded opens in a spreadsheet, which calculates none of it."""

import csv
import io

import pytest

from console.web.pages.shown.spreadsheet import table


def read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("title", ['=HYPERLINK("http://evil.example")', "+1", "-1+2", "@SUM(A1)"])
def test_a_title_that_is_a_formula_is_marked_as_text(title):
    assert read(table(["title"], [[title]]))[1] == [f"'{title}"]


def test_a_title_with_commas_quotes_and_line_ends_is_one_cell_on_one_line():
    assert read(table(["title", "room"], [['a "b", c\r\nd\x00', "x"]])) == [["title", "room"], ['a "b", c d', "x"]]


def test_numbers_stay_numbers_and_nothing_stays_empty():
    assert read(table(["a", "b", "c"], [[-1, None, 2.5]]))[1] == ["-1", "", "2.5"]


def test_excel_is_told_that_it_is_utf_8():
    assert table(["ä"], []).startswith(b"\xef\xbb\xbf")
