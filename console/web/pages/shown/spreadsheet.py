"""Rows as CSV that a spreadsheet opens and does not obey. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from shared.text.outside import one_line

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet calculates. Source: OWASP, CSV injection."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(BOM, newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode(errors="replace")


def _cell(value: object) -> str:
    """A formula gets an apostrophe, which a spreadsheet takes for the mark of a text."""
    if value is None:
        return ""
    text = str(value) if isinstance(value, int | float) else one_line(str(value))
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int | float) else text
