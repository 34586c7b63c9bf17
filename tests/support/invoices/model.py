"""Invoices that the tests make: one model, written down in each syntax by `tests.support.invoices.written`."""

import random
from dataclasses import dataclass
from decimal import Decimal

CENT = Decimal("0.01")
RIGHT_IBANS = (
    "DE89370400440532013000", "FR1420041010050500013M02606", "IT60X0542811101000000123456",
    "ES9121000418450200051332", "NL91ABNA0417164300", "AT611904300234573201", "BE68539007547034",
)  # fmt: skip
"""Examples of the IBAN registry."""


@dataclass(frozen=True)
class Company:
    name: str
    vat_id: str | None
    tax_id: str | None
    country: str


@dataclass(frozen=True)
class Invoice:
    number: str
    issued: str
    due: str | None
    terms: str | None
    type_code: str
    currency: str
    net: str
    rate: str
    tax: str
    total: str
    prepaid: str | None
    payable: str
    supplier: Company
    buyer: Company
    payee: str | None = None
    buyer_reference: str | None = None
    order: str | None = None
    ibans: tuple[str, ...] = ()
    payment_reference: str | None = None


SUPPLIERS = (
    Company("Müller & Söhne GmbH", "DE136695976", "201/123/40207", "DE"),
    Company('Łódź "Papier" S.A.', "PL1234567883", None, "PL"),
    Company("L'Atelier <de> l'Été SARL", "FR83404833048", None, "FR"),
    Company("Ferretería Ñandú S.L.", "ESB58378431", None, "ES"),
    Company("Officine Rossi & Figli S.p.A.", "IT00743110157", "RSSMRA80A01H501U", "IT"),
    Company("Kleinunternehmer Kurt Klein", None, "12/345/67890", "DE"),
)
BUYERS = (
    Company("Acme Ltd", "GB123456789", None, "GB"),
    Company("Stadt Musterhausen", None, None, "DE"),
    Company("Bäckerei Grün e.K.", "DE129273398", None, "DE"),
)


def made(seed: int) -> Invoice:
    """Another for each seed, and always the same for the same."""
    chance = random.Random(seed)
    net = Decimal(chance.randrange(1, 10_000_000)) / 100
    rate = chance.choice(["0", "5.5", "7", "19", "20", "21", "22"])
    tax = (net * Decimal(rate) / 100).quantize(CENT)
    total = net + tax
    prepaid = chance.choice([None, None, Decimal("0.00"), (total / 3).quantize(CENT)])

    def perhaps(value: str) -> str | None:
        return value if chance.random() < 0.7 else None

    return Invoice(
        number=chance.choice([f"RE-{seed:04}", f"2026/{seed}", f"FA {seed} ä", str(10**6 + seed)]),
        issued=f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        due=perhaps(f"2027-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"),
        terms=perhaps("30 Tage netto; 2 % Skonto binnen 8 Tagen"),
        type_code=chance.choice(["380", "380", "380", "384", "326", "389", "381"]),
        currency=chance.choice(["EUR", "EUR", "PLN", "GBP", "CHF"]),
        net=f"{net:.2f}",
        rate=rate,
        tax=f"{tax:.2f}",
        total=f"{total:.2f}",
        prepaid=None if prepaid is None else f"{prepaid:.2f}",
        payable=f"{total - (prepaid or 0):.2f}",
        supplier=chance.choice(SUPPLIERS),
        buyer=chance.choice(BUYERS),
        payee=perhaps("Factoring Bank AG"),
        buyer_reference=perhaps("04011000-12345-34"),
        order=perhaps(f"PO-{seed}"),
        ibans=tuple(chance.sample(RIGHT_IBANS, chance.randrange(3))),
        payment_reference=perhaps(f"RE{seed} K4711"),
    )
