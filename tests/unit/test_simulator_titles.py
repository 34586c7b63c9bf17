"""What the portal makes of a name, as it was seen to."""

import pytest

from simulator.errors import BadRequestError, ValidationError
from simulator.portal import titles


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("a.pdf", "a.pdf"),
        ("\u00a0 a.PDF\u3000", "a.pdf"),
        ('a\t*+:"<>?|\\/.pdf', "a___________.pdf"),
        ("a \U0001f600.pdf", "a __.pdf"),
        ("x.PDF.pdf", "x.PDF.pdf"),
        ("noext", "noext."),
        ("\uff29\uff2e\uff36\uff0e\uff30\uff24\uff26", "\uff29\uff2e\uff36\uff0e\uff30\uff24\uff26."),
        (".", "."),
        ("..", ".."),
        ("dots.pdf..", "dots.pdf.."),
        (".pdf", ".pdf"),
        ("a\nb\u0001\u007f\u202e\ufeff.pdf", "a\nb\u0001\u007f\u202e\ufeff.pdf"),
        ("x" * 200 + ".pdf", "x" * 166 + ".pdf"),
    ],
)
def test_the_title_of_an_upload(name, title):
    assert titles.of_upload(name) == title


def test_an_upload_has_a_name():
    with pytest.raises(ValidationError):
        titles.of_upload("")
    with pytest.raises(BadRequestError, match="empty string"):
        titles.of_upload("   ")


@pytest.mark.parametrize(
    ("old", "asked", "title"),
    [
        ("a.pdf", "b.pdf", "b.pdf"),
        ("a.pdf", "b.PDF", "b.PDF"),
        ("a.pdf", "b.docx", "b.docx.pdf"),
        ("a.pdf", "b", "b.pdf"),
    ],
)
def test_a_rename_keeps_the_extension(old, asked, title):
    assert titles.renamed(old, asked) == title
