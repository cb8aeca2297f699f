"""Shipped orders to bill, stored as the floors below leave them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

from auftakt.catalog.models import Item, UnitOfMeasure
from auftakt.fulfilment.models import Shipment, ShipmentLine
from auftakt.orders.models import FulfilmentLine, Order, OrderCharge, OrderLine
from auftakt.parties.models import Address, CreditDraw, CreditLine, LegalEntity, Party, PaymentTerms
from auftakt.platform.journal import Happened
from auftakt.platform.models import JournalEntry
from auftakt.platform.sql import Statements
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ACTOR = "anna"
SERIALS = count(1)
VERIFY = Statements("auftakt.billing")


@dataclass
class Company:
    """Our company, one customer, one item."""

    entity: LegalEntity
    customer: Party
    address: Address
    terms: PaymentTerms
    item: Item


@dataclass
class Line:
    """An order line: quantity, net and tax of the whole line, and the pieces it was shipped in."""

    quantity: str
    net: str
    tax: str
    pieces: tuple[str, ...]
    rate: str = "19"
    category: str = "standard"


def company(code: str = "AUF", *, limit: str | None = None) -> Company:
    unit, _ = UnitOfMeasure.objects.get_or_create(code="each", defaults={"name": "each", "dimension": "count"})
    terms, _ = PaymentTerms.objects.get_or_create(code="net30", defaults={"name": "30 days net", "due_days": 30})
    entity = LegalEntity.objects.create(
        code=code, name=f"{code} GmbH", street="Hauptstr. 1", postal_code="10115", city="Berlin", country="DE",
        currency="EUR", vat_id="DE123456789", iban="DE02120300000000202051",
    )  # fmt: skip
    customer = Party.objects.create(
        number=f"C-{code}", kind="organisation", name="Radhaus Nord", currency="EUR", language="de",
        payment_terms=terms, created_at=AT,
    )  # fmt: skip
    address = Address.objects.create(
        party=customer, name="Radhaus Nord", street="Kai 5", city="Hamburg", postal_code="20457", country="DE"
    )
    item = Item.objects.create(
        sku=f"SKU-{code}", name="Chain", kind="stocked", state="active", unit=unit, created_at=AT
    )
    if limit:
        CreditLine.objects.create(party=customer, currency="EUR", limit=Decimal(limit), drawn=0)
    return Company(entity, customer, address, terms, item)


def order(
    home: Company,
    lines: Sequence[Line],
    *,
    number: str = "",
    method: str = "bank_transfer",
    shipping: str = "",
    currency: str = "EUR",
    token: str = "",
    tax_included: bool = False,
) -> Order:
    """A submitted order of which every piece is its own shipment; the customer's credit is drawn."""
    key = new_id()
    made = Order.objects.create(
        id=key, serial=next(SERIALS), number=number or f"O-{str(key)[-12:]}", source_system="test", state="submitted",
        channel="console",
        legal_entity=home.entity, customer=home.customer, bill_to=home.address, ship_to=home.address, currency=currency,
        language="de", payment_terms=home.terms, payment_method=method, payment_token=token, ordered_at=AT,
        tax_included=tax_included,
    )  # fmt: skip
    if shipping:
        net = Decimal(shipping)
        tax = (net * Decimal("0.19")).quantize(Decimal("0.01"))
        OrderCharge.objects.create(
            order=made, kind="shipping", name="Versand", tax_category="standard", tax_rate=Decimal(19), net=net,
            tax=tax, gross=net + tax,
        )  # fmt: skip
        made.net, made.tax = net, tax
    for place, line in enumerate(lines, 1):
        _line(home, made, place, line)
    made.gross = made.net + made.tax
    made.save()
    credit = CreditLine.objects.filter(party=home.customer).first()
    if credit:
        CreditDraw.objects.create(credit_line=credit, subject_id=made.id, amount=made.gross, at=AT)
        credit.drawn += made.gross
        credit.save()
    return made


def _line(home: Company, made: Order, place: int, line: Line) -> None:
    quantity, net, tax = Decimal(line.quantity), Decimal(line.net), Decimal(line.tax)
    row = OrderLine.objects.create(
        order=made, line_number=place, external_line_id=str(place), item=home.item, unit=home.item.unit,
        quantity=quantity, shipped=sum(map(Decimal, line.pieces)), unit_price=net / quantity,
        tax_category=line.category, tax_rate=Decimal(line.rate), net=net, tax=tax, gross=net + tax,
    )  # fmt: skip
    made.net += net
    made.tax += tax
    for piece, text in enumerate(line.pieces):
        served = FulfilmentLine.objects.create(
            order=made, line=row, item=home.item, quantity=Decimal(text), base_quantity=Decimal(text), state="shipped"
        )
        shipment, _ = Shipment.objects.get_or_create(
            number=f"{made.number}-{piece}",
            defaults={"order": made, "serial": next(SERIALS), "state": "shipped", "shipped_at": AT},
        )
        ShipmentLine.objects.create(shipment=shipment, fulfilment_line=served, order_line=row, quantity=Decimal(text))


def shipments(made: Order) -> list[UUID]:
    return list(Shipment.objects.filter(order=made).order_by("number").values_list("id", flat=True))


def violations() -> dict[str, tuple[int, str]]:
    """What `verify` finds wrong."""
    found = {name: VERIFY.rows(name)[0] for name in VERIFY.texts if name.startswith("verify_")}
    assert len(found) >= 12
    return {name: (row[0], row[2]) for name, row in found.items() if row[0]}


def journal(verb: str) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(verb=verb).order_by("id"))


__all__ = ["ACTOR", "AT", "Company", "Happened", "Line", "company", "journal", "order", "shipments", "violations"]
