"""An invoice as a model, so that one invoice can be written in several syntaxes. It uses nothing of the reader."""

import random
from dataclasses import dataclass, field
from decimal import Decimal

CREDIT_NOTES = ("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532")
INVOICES = ("80", "326", "380", "383", "384", "386", "389", "393", "751", "875")
NAMES = (
    "Müller & Söhne GmbH",
    "Łódź Sp. z o.o.",
    'Café "Ñandú" S.A.',
    "O'Neill <Trading> Ltd",
    "株式会社テスト",
    "A/S Øst",
)
IBANS = (
    "DE02120300000000202051",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
    "PL61109010140000071219812874",
)


@dataclass(frozen=True)
class Who:
    name: str
    country: str | None = None
    vat_id: str | None = None
    tax_id: str | None = None
    trade_name: str | None = None
    """BT-28: not the name that is wanted."""


@dataclass(frozen=True)
class Invoice:
    number: str = "R-2026/117"
    issued: str = "2026-11-13"
    due: str | None = "2026-12-13"
    terms: str | None = "30 days net"
    type_code: str = "380"
    currency: str = "EUR"
    net: Decimal = Decimal("1000.00")
    tax: Decimal = Decimal("190.00")
    tax_in_seller_currency: Decimal | None = None
    """BT-111, in PLN: not the tax that is wanted."""
    prepaid: Decimal | None = None
    supplier: Who = field(default_factory=lambda: Who("Müller & Söhne GmbH", "DE", "DE123456789"))
    buyer: Who = field(default_factory=lambda: Who("Buyer AG", "AT", "ATU12345678"))
    payee: str | None = None
    buyer_reference: str | None = "04011000-12345-03"
    order: str | None = "PO-77"
    ibans: tuple[str, ...] = IBANS[:1]
    payment_reference: str | None = "R-2026/117"

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def payable(self) -> Decimal:
        return self.total - (self.prepaid or 0)

    @property
    def is_credit_note(self) -> bool:
        return self.type_code in CREDIT_NOTES


def invoices(count: int, seed: int) -> list[Invoice]:
    """Unlike each other: each has and lacks other things."""
    chance = random.Random(seed)

    def maybe(value):
        return value if chance.random() < 0.6 else None

    return [
        Invoice(
            number=f"{chance.choice(['RE', 'F/', '№ '])}{number}-{chance.randrange(10**6)}",
            issued=f"20{chance.randrange(20, 30)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
            due=maybe(f"2030-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"),
            terms=maybe(f"{chance.randrange(90)} Tage netto\n2 % Skonto > 8 Tage"),
            type_code=chance.choice(CREDIT_NOTES if chance.random() < 0.4 else INVOICES),
            currency=chance.choice(["EUR", "USD", "CHF", "SEK"]),
            net=Decimal(chance.randrange(-(10**6), 10**9)) / 100,
            tax=Decimal(chance.randrange(10**7)) / 100,
            tax_in_seller_currency=maybe(Decimal(chance.randrange(10**8)) / 100),
            prepaid=maybe(Decimal(chance.randrange(10**4)) / 100),
            supplier=_who(chance, tax_id=maybe(f"04/{chance.randrange(10**6)}")),
            buyer=_who(chance, tax_id=None),
            payee=maybe(chance.choice(NAMES)),
            buyer_reference=maybe(f"991-{chance.randrange(10**6)}-17"),
            order=maybe(f"PO{chance.randrange(10**6)}"),
            ibans=tuple(chance.sample(IBANS, chance.randrange(3))),
            payment_reference=maybe(f"+++{chance.randrange(10**9)}+++"),
        )
        for number in range(count)
    ]


def _who(chance: random.Random, tax_id: str | None) -> Who:
    country = chance.choice(["DE", "FR", "IT", "PL"])
    vat_id = f"{country}{chance.randrange(10**9):09}" if chance.random() < 0.8 else None
    return Who(chance.choice(NAMES), country, vat_id, tax_id, trade_name="Trade name")
