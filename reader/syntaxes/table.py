"""The syntaxes that are read, and how each is known: by the name and namespace of its root."""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from reader.syntaxes import cii, facturae, fatturapa, ksef, ubl, zugferd1
from reader.xml_tree import parse
from shared.wire.facts import Facts


@dataclass(frozen=True)
class Syntax:
    root: str
    namespaces: tuple[str, ...]
    """How its namespace may begin: the versions of a schema differ at the end."""
    facts_of: Callable[[Element], Facts]

    def matches(self, namespace: str, root: str) -> bool:
        return root == self.root and namespace.startswith(self.namespaces)


_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
SYNTAXES = (
    Syntax("CrossIndustryInvoice", ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",), cii.facts_of),
    Syntax("CrossIndustryDocument", ("urn:ferd:CrossIndustryDocument:invoice:",), zugferd1.facts_of),
    Syntax("Invoice", (f"{_UBL}Invoice-2",), ubl.facts_of),
    Syntax("CreditNote", (f"{_UBL}CreditNote-2",), ubl.facts_of),
    Syntax(
        "FatturaElettronica",
        (
            "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.",
            "http://www.fatturapa.gov.it/sdi/fatturapa/",
        ),
        fatturapa.facts_of,
    ),
    Syntax("Faktura", ("http://crd.gov.pl/wzor/", "http://ksef.mf.gov.pl/"), ksef.facts_of),
    Syntax("Facturae", ("http://www.facturae.es/", "http://www.facturae.gob.es/"), facturae.facts_of),
)


def facts_of_xml(content: bytes) -> Facts:
    """The facts of a structured invoice, without a source. Raises UnreadableError: why there are none."""
    found: list[Syntax] = []

    def known(namespace: str, root: str) -> bool:
        found.extend(syntax for syntax in SYNTAXES if syntax.matches(namespace, root))
        return bool(found)

    root = parse(content, known)
    return found[0].facts_of(root)
