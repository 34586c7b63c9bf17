"""The codes of reasons, from shared/text/codes.py."""

from scripts.reference.table import code, table
from shared.text.codes import Code


def sections() -> str:
    rows = ((code(each), each.meaning, each.remedy or "nothing") for each in Code)
    return table(("code", "meaning", "what you do"), rows)
