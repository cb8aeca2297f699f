"""A tiny company, built with public verbs only, and orders brought to any stage of their life.

build.company()
order_id = build.order(stage="submitted", lines=[("BIKE", "2")])
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.types import Receipt as PaymentReceipt
from auftakt.catalog import actions as catalog
from auftakt.catalog import queries as items
from auftakt.catalog.types import BrandDraft, CategoryDraft, ComponentDraft, ItemDraft, ItemUnitDraft, UnitDraft
from auftakt.compliance import actions as compliance
from auftakt.compliance.types import TaxRateDraft
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment import queries as shipping
from auftakt.fulfilment.types import Packing, ParcelDraft, Picked, Shipping
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Receipt, SiteDraft
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.orders.types import WITHOUT_STOCK, Cancellation, Closing, LineDraft, OrderDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, LegalEntityDraft, PartyDraft, PaymentTermsDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import (
    PriceDraft,
    PriceListDraft,
    ShippingRateDraft,
    ShippingZoneDraft,
)
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft
from auftakt.supply import actions as supply
from auftakt.supply.types import PurchaseDraft, PurchaseLineDraft
from auftakt.values import Outcome

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TODAY = AT.date()
ACTOR = "test"
PRICES = {
    "BIKE": "1000", "HELMET": "50", "LOCK": "20", "TYRE": "30", "SET": "80", "FITTING": "60", "FRAME": "700",
    "TEE-S": "25", "TEE-M": "25", "CHAIN-KG": "12.5",
}  # fmt: skip
STOCK = {("DC", "BIKE"): "10", ("DC", "HELMET"): "100", ("DC", "LOCK"): "100", ("SHOP", "BIKE"): "5",
         ("DC", "TEE-S"): "20", ("DC", "CHAIN-KG"): "40"}  # fmt: skip
_references = count(1)


@dataclass
class Company:
    """The ids of what was built, by code."""

    items: dict[str, UUID] = field(default_factory=dict)
    customers: dict[str, UUID] = field(default_factory=dict)


def done(outcome: Outcome) -> tuple:
    """What a verb did; a refusal fails the test that builds on it."""
    assert not outcome.refused, [(each.subject, each.findings) for each in outcome.refused]
    return outcome.done


def company(*, stock: dict[tuple[str, str], str] | None = None) -> Company:
    """Units, items (a kit, a service, variants, one made to order), customers, sites, lanes, prices, taxes, stock."""
    made = Company()
    _parties(made)
    _catalog(made)
    _sites()
    _prices()
    receive(STOCK if stock is None else stock)
    return made


def _parties(made: Company) -> None:
    done(
        parties.save_payment_terms(
            [PaymentTermsDraft("NET30", "30 days net"), PaymentTermsDraft("PRE", "Prepaid", due_days=0, prepaid=True)],
            actor=ACTOR, at=AT,
        )
    )  # fmt: skip
    done(
        parties.save_legal_entities(
            [LegalEntityDraft("AUF", "Auftakt Rad GmbH", "Kai 1", "Hamburg", "DE", "EUR", "20457",
                              vat_id="DE136695976", iban="DE02120300000000202051")],
            actor=ACTOR, at=AT,
        )
    )  # fmt: skip
    berlin = AddressDraft("Lindenallee 5", "Berlin", "DE", "10115", is_default_bill_to=True, is_default_ship_to=True)
    vienna = AddressDraft("Ring 7", "Wien", "AT", "1010", is_default_bill_to=True, is_default_ship_to=True)
    drafts = [
        PartyDraft("C-1", "Radhaus Nord", segment="dealer", language="de", payment_terms="NET30", addresses=(berlin,),
                   credit_limit=Decimal(50000)),
        PartyDraft("C-2", "Bergrad Wien", language="de", payment_terms="NET30", addresses=(vienna,)),
        PartyDraft("C-3", "Mia Muster", kind="person", payment_terms="PRE", addresses=(berlin,)),
        PartyDraft("C-NOWHERE", "Without Address", payment_terms="NET30"),
        PartyDraft("S-1", "Frames & Co", is_customer=False, is_supplier=True, payment_terms="NET30",
                   addresses=(berlin,)),
    ]  # fmt: skip
    ids = done(parties.save_parties(drafts, actor=ACTOR, at=AT))
    made.customers = {draft.number: key for draft, key in zip(drafts, ids, strict=True)}


def _catalog(made: Company) -> None:
    done(
        catalog.save_units(
            [UnitDraft("each", "Each"), UnitDraft("case", "Case"), UnitDraft("kg", "Kilogram", "mass", 3),
             UnitDraft("hour", "Hour", "time", 2)],
            actor=ACTOR, at=AT,
        )
    )  # fmt: skip
    done(
        catalog.save_categories(
            [CategoryDraft("ALL", "All"), CategoryDraft("PARTS", "Parts", "ALL")], actor=ACTOR, at=AT
        )
    )
    done(catalog.save_brands([BrandDraft("AUF", "Auftakt")], actor=ACTOR, at=AT))
    drafts = [
        _item("BIKE", "Touring bike", weight_kg=Decimal(14), brand="AUF", category="ALL"),
        _item("HELMET", "Helmet", weight_kg=Decimal("0.4"), category="PARTS",
              units=(ItemUnitDraft("case", Decimal(12)),)),
        _item("LOCK", "Lock", weight_kg=Decimal(1), category="PARTS"),
        _item("TYRE", "Tyre", category="PARTS"),
        _item("SET", "Helmet and two locks", kind="kit",
              components=(ComponentDraft("HELMET"), ComponentDraft("LOCK", Decimal(2)))),
        _item("FITTING", "Bike fitting", kind="service", unit="hour"),
        _item("FRAME", "Frame made to measure", kind="non_stock"),
        _item("TEE", "T-shirt"),
        _item("TEE-S", "T-shirt S", variant_of="TEE", variant="S"),
        _item("TEE-M", "T-shirt M", variant_of="TEE", variant="M"),
        _item("CHAIN-KG", "Chain by weight", unit="kg"),
        ItemDraft("DRAFTED", "Not on sale yet"),
        _item("UNPRICED", "Without a price"),
    ]  # fmt: skip
    ids = done(catalog.save_items(drafts, actor=ACTOR, at=AT))
    made.items = {draft.sku: key for draft, key in zip(drafts, ids, strict=True)}


def _item(sku: str, name: str, **values: object) -> ItemDraft:
    return ItemDraft(sku, name, activate=True, **values)


def _sites() -> None:
    done(
        inventory.save_sites(
            [SiteDraft("DC", "Distribution centre", "distribution_centre", "DE", city="Leipzig"),
             SiteDraft("SHOP", "Shop", "store", "DE", city="Berlin")],
            actor=ACTOR, at=AT,
        )
    )  # fmt: skip
    lanes = [
        LaneDraft("DC", "DE", 1, cost=Decimal(4)), LaneDraft("DC", "AT", 2, cost=Decimal(9)),
        LaneDraft("SHOP", "DE", 2, cost=Decimal(6)), LaneDraft("SHOP", "AT", 3, cost=Decimal(12)),
    ]  # fmt: skip
    done(promising.save_lanes(lanes, actor=ACTOR, at=AT))


def _prices() -> None:
    done(pricing.save_price_lists([PriceListDraft("LIST", "List prices", "EUR")], actor=ACTOR, at=AT))
    drafts = [PriceDraft("LIST", sku, Decimal(price)) for sku, price in PRICES.items()]
    drafts.append(PriceDraft("LIST", "HELMET", Decimal(540), unit="case"))
    done(pricing.save_prices(drafts, actor=ACTOR, at=AT))
    rates = [TaxRateDraft("DE", "standard", "MwSt.", Decimal(19)), TaxRateDraft("AT", "standard", "USt.", Decimal(20))]
    done(compliance.save_tax_rates(rates, actor=ACTOR, at=AT))
    zones = [ShippingZoneDraft("NEAR", "Germany and Austria", ("DE", "AT"))]
    shipping = [ShippingRateDraft("NEAR", "EUR", Decimal("4.90"), free_from=Decimal(200))]
    done(pricing.save_shipping(zones, shipping, actor=ACTOR, at=AT))


def receive(stock: dict[tuple[str, str], str]) -> None:
    """Put goods on the shelf: (site, sku) -> quantity."""
    receipts = [Receipt(site, sku, Decimal(quantity)) for (site, sku), quantity in stock.items()]
    if receipts:
        done(inventory.receive(receipts, actor=ACTOR, at=AT))


def purchase(sku: str, quantity: str, expected_on: date, *, site: str = "DC", number: str = "") -> UUID:
    """Goods on their way: a purchase order of one line."""
    draft = PurchaseDraft(
        number=number or f"PO-{next(_references)}", supplier_number="S-1", site_code=site, currency="EUR",
        ordered_on=TODAY,
        lines=(PurchaseLineDraft(sku, Decimal(quantity), unit_cost=Decimal(5), expected_on=expected_on),),
    )  # fmt: skip
    return done(supply.order_purchases([draft], actor=ACTOR, at=AT))[0]


def draft(
    lines: Sequence[tuple[str, str]] = (("BIKE", "1"),), *, customer: str = "C-1", reference: str = "", **values: object
) -> OrderDraft:
    """An order draft: (sku, quantity) lines, numbered from 1."""
    made = OrderDraft(
        source_system="test",
        external_reference=reference or f"R-{next(_references)}",
        customer_number=customer,
        lines=tuple(LineDraft(sku, Decimal(quantity)) for sku, quantity in lines),
    )
    return replace(made, **values)


def capture(made: OrderDraft, *, submit: bool = True, at: datetime = AT) -> UUID:
    """The id of an order captured from a draft."""
    return done(orders.capture([made], submit=submit, actor=ACTOR, at=at))[0].order_id


STAGES = ("draft", "submitted", "released", "picked", "packed", "shipped", "billed", "paid", "closed")


def order(
    *,
    stage: str = "submitted",
    lines: Sequence[tuple[str, str]] = (("BIKE", "1"),),
    at: datetime = AT,
    **values: object,
) -> UUID:
    """An order at one of the STAGES, or cancelled: each stage is reached by the public verb that leads to it."""
    order_id = capture(draft(lines, **values), submit=stage != "draft", at=at)
    if stage == "cancelled":
        done(orders.cancel([Cancellation(order_id, reason="test")], actor=ACTOR, at=at + timedelta(hours=1)))
        return order_id
    steps = (_release, _pick, _pack, _ship, _bill, _pay, _close)
    for reached, step in enumerate(steps, STAGES.index("released")):
        if STAGES.index(stage) >= reached:
            step(order_id, at + timedelta(hours=reached))
    return order_id


def _release(order_id: UUID, at: datetime) -> None:
    lines = order_queries.fulfilment_lines(order_ids=[order_id]).values()
    goods = [line.id for line in lines if line.state == "open" and line.site_id]
    if goods:
        done(fulfilment.release(goods, actor=ACTOR, at=at))


def _releases(order_id: UUID) -> list[UUID]:
    return list(shipping.releases(order_ids=[order_id]))


def _pick(order_id: UUID, at: datetime) -> None:
    picks = [pick for found in shipping.picks(_releases(order_id)).values() for pick in found]
    if picks:
        done(fulfilment.pick([Picked(pick.id, pick.quantity) for pick in picks], actor=ACTOR, at=at))


def _pack(order_id: UUID, at: datetime) -> None:
    packings = [Packing(key, (ParcelDraft(Decimal(5)),)) for key in _releases(order_id)]
    if packings:
        done(fulfilment.pack(packings, actor=ACTOR, at=at))


def _ship(order_id: UUID, at: datetime) -> None:
    shippings = [Shipping(key, "DHL", f"T-{key}") for key in _releases(order_id)]
    if shippings:
        done(fulfilment.ship(shippings, actor=ACTOR, at=at))
    lines = order_queries.fulfilment_lines(order_ids=[order_id]).values()
    performed = [line.id for line in lines if line.state == "open" and line.item_kind in WITHOUT_STOCK]
    if performed:
        done(fulfilment.perform(performed, actor=ACTOR, at=at))


def _bill(order_id: UUID, at: datetime) -> None:
    shipments = shipping.shipments_of_orders([order_id])[order_id]
    done(billing.bill([shipment.id for shipment in shipments], actor=ACTOR, at=at))


def _pay(order_id: UUID, at: datetime) -> None:
    receipts = [
        PaymentReceipt(
            "bank_transfer", invoice.gross, invoice.currency, at.date(), f"B-{next(_references)}",
            invoice_number=invoice.number,
        )
        for invoice in invoices.invoices_of_orders([order_id])[order_id]
    ]  # fmt: skip
    done(billing.receive_payments(receipts, actor=ACTOR, at=at))


def _close(order_id: UUID, at: datetime) -> None:
    facts = Closing(order_id, in_full=True, on_time=True, undamaged=True, billed_right=True)
    done(orders.close([facts], actor=ACTOR, at=at))


def item_id(sku: str) -> UUID:
    """The id of an item."""
    return items.items_by_sku([sku])[sku].id
