"""The public invoices: read field by field as ElementTree and pypdf say, and refused where they attack."""

from pathlib import Path

import pytest

from bench.corpus import truth
from bench.corpus.compared import compared, stated_by
from reader.document import read
from shared.wire.facts import Unread
from tests.unit.reader.conftest import CORPUS

XML = sorted(CORPUS.rglob("*.xml"))
PDFS = sorted(CORPUS.rglob("*.pdf"))
PAIRS = [
    (cii, ubl)
    for cii in XML
    for ubl in [Path(str(cii).replace("/CII/", "/UBL/").replace(".cii.", ".ubl.").replace("_uncefact", "_ubl"))]
    if ubl != cii and ubl.exists()
]


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", XML + PDFS, ids=name)
def test_every_stated_field_is_right(path: Path) -> None:
    content = path.read_bytes()
    expected = truth.of_pdf(content) if path.suffix == ".pdf" else truth.of_xml(content)
    facts = read(content)
    if expected.facts:
        verdicts = compared(expected, stated_by(facts))
        assert {field for field, verdict in verdicts.items() if verdict != "right"} == set()
    else:
        assert not facts.stated
        assert (facts.unread is Unread.REFUSED_XML) == (expected.format == "hostile XML")


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].name)
def test_ubl_and_cii_of_one_invoice_give_the_same_facts(pair: tuple[Path, Path]) -> None:
    """But for fields in which the two files differ themselves."""
    cii, ubl = (path.read_bytes() for path in pair)
    stated_by_cii, stated_by_ubl = truth.of_xml(cii).facts, truth.of_xml(ubl).facts
    same = {field for field in truth.fields_of("CII") if stated_by_cii.get(field) == stated_by_ubl.get(field)}
    read_of_cii, read_of_ubl = stated_by(read(cii)), stated_by(read(ubl))
    assert {field: read_of_cii.get(field) for field in same} == {field: read_of_ubl.get(field) for field in same}
    assert len(same) >= len(truth.fields_of("CII")) - 3


def test_there_are_pairs() -> None:
    assert len(PAIRS) >= 20
