"""The facts that ready-made mails are written from, read for many orders at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from auftakt.catalog import queries as catalog
from auftakt.channels.mail.rules import language_of
from auftakt.documents.types import ConfirmationSheet, Letterhead, SheetAddress, SheetLine, SheetTax
from auftakt.orders import queries as orders
from auftakt.orders.types import ChargeFacts, FulfilmentFacts, LineFacts, OrderFacts
from auftakt.parties import queries as parties
from auftakt.parties.types import (
    Addressed,
    AddressFacts,
    ContactFacts,
    CustomerProfile,
    LegalEntityFacts,
    PaymentTermsFacts,
)
from auftakt.values import round_money

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of orders: heads and lines, who they are for and from, names of items by language, arrival days."""

    orders: Mapping[UUID, OrderFacts]
    lines: Mapping[UUID, Sequence[LineFacts]]
    charges: Mapping[UUID, Sequence[ChargeFacts]]
    arrivals: Mapping[UUID, date | None]
    customers: Mapping[UUID, CustomerProfile]
    recipients: Mapping[UUID, tuple[str, str]]
    addresses: Mapping[UUID, AddressFacts]
    entities: Mapping[UUID, LegalEntityFacts]
    terms: Mapping[str, PaymentTermsFacts]
    names: Mapping[tuple[UUID, str], str]


def gather(order_ids: Iterable[UUID]) -> Facts:
    """All that mails about orders say, in a number of statements that does not grow with them."""
    ids = sorted(set(order_ids))
    found = orders.orders(ids)
    lines: dict[UUID, list[LineFacts]] = {}
    for line in orders.order_lines(order_ids=ids).values():
        lines.setdefault(line.order_id, []).append(line)
    customers = parties.customers({each.customer_id for each in found.values()})
    people = parties.contacts(customers)
    return Facts(
        orders=found,
        lines=lines,
        charges=orders.charges(ids),
        arrivals=_arrivals(orders.fulfilment_lines(order_ids=ids).values()),
        customers=customers,
        recipients={key: recipient(each, people.get(key, ())) for key, each in customers.items()},
        addresses=parties.addresses({key for each in found.values() for key in (each.bill_to_id, each.ship_to_id)}),
        entities={each.id: each for each in parties.legal_entities().values()},
        terms=parties.payment_terms(),
        names=_names(found, lines),
    )


def recipient(customer: CustomerProfile, people: Sequence[ContactFacts]) -> tuple[str, str]:
    """Address and name that mails to a customer go to: its own address, else that of its first contact with one."""
    if customer.email:
        return customer.email, customer.name
    return next(((each.email, each.name) for each in people if each.email), ("", customer.name))


def _arrivals(pieces: Iterable[FulfilmentFacts]) -> dict[UUID, date | None]:
    """The day each line is wholly there; None while a piece of it has no date."""
    found: dict[UUID, date | None] = {}
    for piece in pieces:
        if piece.state == "cancelled":
            continue
        before = found.get(piece.line_id, piece.arrive_on)
        found[piece.line_id] = max(before, piece.arrive_on) if before and piece.arrive_on else None
    return found


def _names(
    found: Mapping[UUID, OrderFacts], lines: Mapping[UUID, Sequence[LineFacts]]
) -> dict[tuple[UUID, str], str]:  # fmt: skip
    wanted: dict[str, set[UUID]] = {}
    for key, order in found.items():
        wanted.setdefault(language_of(order.language), set()).update(line.item_id for line in lines.get(key, ()))
    return {
        (item, language): name
        for language, items in wanted.items()
        for item, name in catalog.item_names(items, language).items()
    }


def _place(address: Addressed) -> SheetAddress:
    return SheetAddress(
        name=address.name, street=address.street, postal_code=address.postal_code, city=address.city,
        country=address.country, region=address.region,
    )  # fmt: skip


def confirmation_sheet(known: Facts, order: OrderFacts) -> ConfirmationSheet:
    """What the `order_confirmation` template needs: what is still ordered, without the cancelled share of lines."""
    lines = [_line(known, order, line) for line in known.lines.get(order.id, ()) if line.quantity > line.cancelled]
    lines += [_charge(each) for each in known.charges.get(order.id, ())]
    net, tax = sum((row["net"] for row in lines), _ZERO), sum((row["tax"] for row in lines), _ZERO)
    entity, customer = known.entities[order.legal_entity_id], known.customers[order.customer_id]
    terms = known.terms.get(order.payment_terms)
    return ConfirmationSheet(
        seller=Letterhead(
            **_place(entity), vat_id=entity.vat_id, email=entity.email, iban=entity.iban, bank_name=entity.bank_name
        ),
        recipient=_place(known.addresses[order.bill_to_id]),
        ship_to=_place(known.addresses[order.ship_to_id]),
        number=order.number,
        issued_on=timezone.localtime(order.submitted_at or order.ordered_at).date(),
        ordered_on=timezone.localtime(order.ordered_at).date(),
        currency=order.currency,
        lines=lines,
        net=net,
        tax=tax,
        gross=net + tax,
        taxes=_taxes(lines),
        tax_included=order.tax_included,
        customer_number=customer.number,
        customer_reference=order.customer_reference,
        terms={"method": order.payment_method, "prepaid": bool(terms and terms.prepaid)},
    )


def _line(known: Facts, order: OrderFacts, line: LineFacts) -> SheetLine:
    left = line.quantity - line.cancelled
    return SheetLine(
        sku=line.sku,
        text=known.names.get((line.item_id, language_of(order.language)), line.item_name),
        quantity=left,
        unit=line.unit,
        unit_price=line.unit_price or _ZERO,
        tax_rate=line.tax_rate or _ZERO,
        net=round_money(line.net * left / line.quantity, order.currency),
        tax=round_money(line.tax * left / line.quantity, order.currency),
        promised_on=known.arrivals.get(line.id),
    )


def _charge(charge: ChargeFacts) -> SheetLine:
    return SheetLine(
        sku="", text=charge.name, quantity=Decimal(1), unit="", unit_price=charge.net, tax_rate=charge.tax_rate,
        net=charge.net, tax=charge.tax,
    )  # fmt: skip


def _taxes(lines: Sequence[SheetLine]) -> list[SheetTax]:
    sums: dict[Decimal, list[Any]] = {}
    for line in lines:
        row = sums.setdefault(line["tax_rate"], [_ZERO, _ZERO])
        row[0] += line["net"]
        row[1] += line["tax"]
    return [SheetTax(rate=rate, base=base, tax=tax) for rate, (base, tax) in sorted(sums.items())]
