"""What a file states, by ElementTree's and pypdf's eyes: nothing of the reader is used here."""

import io
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree as ET

import pypdf

from bench.corpus.paths import FORMATS, NAMESPACES

AMOUNTS = ("net", "tax", "total", "prepaid", "payable")
DATES = ("issued", "due")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_CREDIT_NOTES = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
_ITALIAN_CREDIT_NOTES = {"TD04", "TD08"}


@dataclass(frozen=True)
class Truth:
    format: str
    """As `CII`, `CII in a PDF`, `hostile XML`, `no invoice`."""
    facts: dict[str, str]
    """By field; empty where it is no invoice."""


def of_xml(content: bytes) -> Truth:
    if b"<!DOCTYPE" in content or b"http://www.w3.org/2001/XInclude" in content:
        return Truth("hostile XML", {})
    try:
        root = ET.fromstring(content)
    except ET.ParseError:
        return Truth("not well-formed", {})
    found = FORMATS.get(root.tag) or FORMATS.get(root.tag.rpartition("}")[2])
    if found is None:
        return Truth("no invoice", {})
    name, paths = found
    stated = {"currency": _first(root, paths["currency"], "")}
    for field, path in paths.items():
        stated[field] = _stated(root, field, path, stated["currency"])
    if name == "UBL credit note":
        stated["type"] = "credit-note"
    return Truth(name, {field: normal(field, value) for field, value in stated.items() if value})


def of_pdf(content: bytes) -> Truth:
    try:
        attached = pypdf.PdfReader(io.BytesIO(content)).attachments
        files = [content for contents in attached.values() for content in contents]
    except pypdf.errors.PyPdfError:
        return Truth("PDF that pypdf cannot open", {})
    for each in files:
        truth = of_xml(each)
        if truth.facts:
            return Truth(f"{truth.format} in a PDF", truth.facts)
    return Truth("PDF without invoice XML", {})


def fields_of(name: str) -> set[str]:
    """The fields that are compared in a format."""
    return set(next(paths for each, paths in FORMATS.values() if each == name.removesuffix(" in a PDF")))


def normal(field: str, value: str) -> str:
    """In a form in which two ways to write the same are equal."""
    value = " ".join(value.split())
    if field in AMOUNTS:
        try:
            return str(Decimal(value).normalize() + 0)  # -0 is 0
        except InvalidOperation:
            return value
    if field in DATES:
        return re.sub(r"\D", "", value)[:8]
    return value.replace(" ", "").upper() if "VAT" in field else value


def _stated(root: ET.Element, field: str, path: str, currency: str) -> str:
    if field == "type":
        stated = _first(root, path, currency)
        corrects = stated.startswith("KOR") and _first(root, "{*}Fa/{*}P_15", "").startswith("-")
        return "credit-note" if stated in _CREDIT_NOTES | _ITALIAN_CREDIT_NOTES or corrects else "invoice"
    if field == "terms":
        return " ".join(_texts(root, path, currency))
    if field == "IBANs":
        accounts = (re.sub(r"\s", "", each).upper() for each in _texts(root, path, currency))
        return " ".join(dict.fromkeys(each for each in accounts if _IBAN.fullmatch(each)))
    return _first(root, path, currency)


def _first(root: ET.Element, path: str, currency: str) -> str:
    return next(iter(_texts(root, path, currency)), "")


def _texts(root: ET.Element, path: str, currency: str) -> list[str]:
    """`|` between paths: all of both; `+`: joined; `only`: nothing, if there are several."""
    if path.startswith("only "):
        found = _texts(root, path.removeprefix("only "), currency)
        return found if len(found) == 1 else []
    return [text for each in path.split(" | ") for text in _joined(root, each.split(" + "), currency)]


def _joined(root: ET.Element, parts: list[str], currency: str) -> list[str]:
    if len(parts) == 1:
        found = root.findall(parts[0].replace("{currency}", currency), NAMESPACES)
        if not found and not currency and "[@currencyID" in parts[0]:  # files of 2014 and 2015 may name none
            found = root.findall(parts[0].partition("[")[0], NAMESPACES)
        return [text for each in found if (text := (each.text or "").strip())]
    texts = [part.strip("'") if part.startswith("'") else _first(root, part, currency) for part in parts]
    return [" ".join(texts)] if all(texts) else []
