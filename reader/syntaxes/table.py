"""The syntaxes that are read, and how each is known: by the name and namespace of its root."""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from reader.syntaxes import cii, facturae, fatturapa, ksef, ubl, zugferd1
from reader.xml_tree import Vocabulary, parse
from shared.wire.facts import Facts


@dataclass(frozen=True)
class Syntax:
    root: str
    namespaces: tuple[str, ...]
    """How its root's namespace may begin: the versions of a schema differ at the end."""
    vocabulary: Vocabulary
    facts_of: Callable[[Element], Facts]


_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_UBL_WORDS = Vocabulary((_UBL,))
_CII = "urn:un:unece:uncefact:data:"
_FERD = "urn:ferd:CrossIndustryDocument:invoice:"
_ITALY = (
    "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.",
    "http://www.fatturapa.gov.it/sdi/fatturapa/",
)
_POLAND = ("http://crd.gov.pl/", "http://ksef.mf.gov.pl/")
_SPAIN = ("http://www.facturae.es/", "http://www.facturae.gob.es/")

SYNTAXES = (
    Syntax("CrossIndustryInvoice", (f"{_CII}standard:CrossIndustryInvoice:",), Vocabulary((_CII,)), cii.facts_of),
    Syntax("CrossIndustryDocument", (_FERD,), Vocabulary((_CII, _FERD)), zugferd1.facts_of),
    Syntax("Invoice", (f"{_UBL}Invoice-2",), _UBL_WORDS, ubl.facts_of),
    Syntax("CreditNote", (f"{_UBL}CreditNote-2",), _UBL_WORDS, ubl.facts_of),
    Syntax("FatturaElettronica", _ITALY, Vocabulary(_ITALY, unqualified=True), fatturapa.facts_of),
    Syntax("Faktura", _POLAND, Vocabulary(_POLAND), ksef.facts_of),
    Syntax("Facturae", _SPAIN, Vocabulary(_SPAIN, unqualified=True), facturae.facts_of),
)


def syntax_of(namespace: str, root: str) -> Syntax | None:
    return next((each for each in SYNTAXES if each.root == root and namespace.startswith(each.namespaces)), None)


def facts_of_xml(content: bytes) -> Facts:
    """The facts of a structured invoice, without a source. Raises UnreadableError: why there are none."""
    found: list[Syntax] = []

    def vocabulary_of(namespace: str, root: str) -> Vocabulary | None:
        syntax = syntax_of(namespace, root)
        if syntax is None:
            return None
        found.append(syntax)
        return syntax.vocabulary

    tree = parse(content, vocabulary_of)
    return found[0].facts_of(tree)
