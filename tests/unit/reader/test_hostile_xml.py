"""XML that attacks: no file is read, nobody is asked, and it is refused before it costs much."""

import time
from pathlib import Path

import pytest

from reader.document import read
from reader.xml_tree import MAX_DEPTH, MAX_NODES, MAX_TEXT, Vocabulary, parse
from shared.wire.facts import Facts, Unread
from tests.support.invoices.invoice import Invoice
from tests.support.invoices.written import as_cii, as_ubl

CII = as_cii(Invoice()).decode()
NUMBER = "<ram:ID>R-2026/117</ram:ID>"
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'


def with_doctype(subset: str, value: str) -> bytes:
    return (
        CII.replace(PROLOG, f"{PROLOG}<!DOCTYPE x [{subset}]>")
        .replace(NUMBER, f"<ram:ID>{value}</ram:ID>")
        .encode()
    )


def in_head(inside: str) -> bytes:
    return CII.replace(NUMBER, NUMBER + inside).encode()


def refused(content: bytes) -> None:
    began = time.process_time()
    facts = read(content)
    assert facts == Facts(unread=Unread.REFUSED_XML, sha256=facts.sha256)
    assert time.process_time() - began < 3


def test_billion_laughs() -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    refused(with_doctype(f'<!ENTITY l0 "ha">{laughs}', "&l9;"))


def test_an_external_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("R-stolen")
    refused(with_doctype(f'<!ENTITY e SYSTEM "{secret.as_uri()}">', "&e;"))


def test_an_external_dtd_and_a_parameter_entity() -> None:
    refused(CII.replace(PROLOG, f'{PROLOG}<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">').encode())
    refused(with_doctype('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;', "R"))


def test_a_dtd_without_entities_in_any_encoding() -> None:
    refused(with_doctype("<!ELEMENT x ANY>", "R"))
    refused(with_doctype("<!ELEMENT x ANY>", "R").decode().replace("UTF-8", "UTF-16").encode("utf-16"))


def test_xinclude() -> None:
    refused(
        in_head('<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="file:///etc/passwd"/>')
    )


def test_depth() -> None:
    assert read(in_head("<a>" * (MAX_DEPTH - 3) + "</a>" * (MAX_DEPTH - 3))).number == "R-2026/117"
    refused(in_head("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH))


def test_eleven_megabytes() -> None:
    refused(in_head(f"<x>{'A' * 11_000_000}</x>"))


def test_nodes_and_attributes() -> None:
    refused(in_head("<a/>" * MAX_NODES))
    attributes = " ".join(f'a{number}=""' for number in range(1_000))
    refused(in_head(f"<a {attributes}/>" * (MAX_NODES // 1_000)))


@pytest.mark.parametrize("write", [as_cii, as_ubl])
def test_cut_at_any_place(write) -> None:
    whole = write(Invoice())
    for end in range(400, len(whole) - 1, 97):
        assert read(whole[:end]).unread is Unread.DAMAGED


def test_an_entity_that_nobody_defined() -> None:
    assert read(CII.replace(NUMBER, "<ram:ID>&nbsp;</ram:ID>").encode()).unread is Unread.DAMAGED


def test_a_long_value_is_cut() -> None:
    facts = read(CII.replace(NUMBER, f"<ram:ID>{'9' * 1_000_000}</ram:ID>").encode())
    assert facts.number == "9" * 200


def test_the_tree_holds_no_more_than_is_read() -> None:
    text = f"<x><attached of='{'B' * 9_000}'>{'A' * 1_000_000}</attached><short>A</short>{' ' * 9_000}</x>"
    attached, short = parse(text.encode(), lambda _namespace, _root: Vocabulary((), unqualified=True))
    assert (len(attached.text or ""), len(attached.get("of", ""))) == (MAX_TEXT, MAX_TEXT)
    assert (short.text, short.tail) == ("A", None)
