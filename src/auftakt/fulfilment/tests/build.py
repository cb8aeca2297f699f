"""A small company whose orders are ready for its warehouse, made through public verbs."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ComponentDraft, ItemDraft, ItemUnitDraft, TranslationDraft, UnitDraft
from auftakt.compliance import actions as compliance
from auftakt.compliance.types import TaxRateDraft
from auftakt.fulfilment import actions
from auftakt.fulfilment.types import Packing, ParcelDraft, Shipping
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import Receipt, SiteDraft
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.orders.types import FulfilmentFacts, LineDraft, OrderDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, LegalEntityDraft, PartyDraft, PaymentTermsDraft
from auftakt.platform.models import JournalEntry
from auftakt.platform.sql import Statements
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import PriceDraft, PriceListDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ON = date(2026, 3, 2)
BY: dict[str, Any] = {"actor": "walter", "at": AT}
_NUMBERS = count(1)
ITEMS = (
    ItemDraft("BELL", "Bell", units=(ItemUnitDraft("case", Decimal(10)),), activate=True, weight_kg=Decimal("0.1"),
              translations=(TranslationDraft("de", "Klingel"),)),
    ItemDraft("LAMP", "Lamp", activate=True, gtin="4006381333931"),
    ItemDraft("SET", "Set of two bells and a lamp", kind="kit", activate=True,
              components=(ComponentDraft("BELL", Decimal(2)), ComponentDraft("LAMP", Decimal(1)))),
    ItemDraft("SETUP", "Set-up", kind="service", activate=True),
)  # fmt: skip


def company(**sites: int) -> dict[str, UUID]:
    """Sites with the days they take to Germany (HAM 1 unless told), four items with prices, one customer; site ids."""
    transit = sites or {"HAM": 1}
    saved = [
        catalog.save_units([UnitDraft("each", "each"), UnitDraft("case", "case")], **BY),
        catalog.save_items(ITEMS, **BY),
        parties.save_payment_terms([PaymentTermsDraft("net30", "30 days")], **BY),
        parties.save_legal_entities(
            [LegalEntityDraft("AUF", "Auftakt GmbH", "Kai 1", "Hamburg", "DE", "EUR", postal_code="20457")], **BY
        ),
        parties.save_parties(
            [
                PartyDraft(
                    "C1", "Radhaus Nord", language="de", payment_terms="net30",
                    addresses=(
                        AddressDraft("Weg 5", "Berlin", "DE", "10115", name="Radhaus Nord", is_default_bill_to=True,
                                     is_default_ship_to=True),
                    ),
                )
            ],
            **BY,
        ),
        compliance.save_tax_rates([TaxRateDraft("DE", "standard", "VAT", Decimal(19))], **BY),
        pricing.save_price_lists([PriceListDraft("LIST", "List", "EUR")], **BY),
        pricing.save_prices([PriceDraft("LIST", item.sku, Decimal(10)) for item in ITEMS], **BY),
    ]  # fmt: skip
    drafts = [SiteDraft(code, f"Site {code}", "distribution_centre", "DE", city="Hamburg") for code in transit]
    made = inventory.save_sites(drafts, **BY)
    lanes = promising.save_lanes([LaneDraft(code, "DE", days) for code, days in transit.items()], **BY)
    refused = [refusal for outcome in (*saved, made, lanes) for refusal in outcome.refused]
    assert not refused, refused
    return dict(zip(transit, made.done, strict=True))


def receive(sku: str, quantity: int, site: str = "HAM") -> None:
    assert not inventory.receive([Receipt(site, sku, Decimal(quantity))], **BY).refused


def order(*lines: tuple[str, int] | tuple[str, int, str], **more: Any) -> UUID:
    """A submitted order of (sku, quantity, unit)."""
    return place([lines], **more)[0]


def place(orders_of_lines: Any, **more: Any) -> list[UUID]:
    drafts = [
        OrderDraft(
            "test", f"T-{next(_NUMBERS)}", "C1",
            tuple(LineDraft(sku, Decimal(quantity), *unit) for sku, quantity, *unit in lines),
            payment_method="bank_transfer", **more,
        )
        for lines in orders_of_lines
    ]  # fmt: skip
    outcome = orders.capture(drafts, submit=True, **BY)
    assert not outcome.refused, outcome.refused
    return [each.order_id for each in outcome.done]


def served(*order_ids: UUID) -> list[FulfilmentFacts]:
    """The fulfilment lines of orders that were not replaced, in the order they were made."""
    found = order_queries.fulfilment_lines(order_ids=order_ids).values()
    return sorted((line for line in found if line.quantity), key=lambda line: line.id)


def released(*order_ids: UUID) -> list[UUID]:
    outcome = actions.release([line.id for line in served(*order_ids)], **BY)
    assert not outcome.refused, outcome.refused
    return list(outcome.done)


def packed(*order_ids: UUID, boxes: int = 1) -> list[UUID]:
    ids = released(*order_ids)
    assert not actions.pick_whole(ids, **BY).refused
    parcels = tuple(ParcelDraft(Decimal(2), 300, 200, 100) for _ in range(boxes))
    assert not actions.pack([Packing(key, parcels) for key in ids], **BY).refused
    return ids


def shipped(*order_ids: UUID, tracking: str = "") -> list[UUID]:
    outcome = actions.ship([Shipping(key, "dhl", tracking) for key in packed(*order_ids)], **BY)
    assert not outcome.refused, outcome.refused
    return list(outcome.done)


def on_hand(sku: str, site: str = "HAM") -> tuple[Decimal, Decimal]:
    """Quantity and how much of it is promised."""
    found = [row for row in stock.stock() if (row.sku, row.site_code) == (sku, site)]
    return (found[0].on_hand, found[0].promised) if found else (Decimal(0), Decimal(0))


def entries(verb: str) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(verb=verb).order_by("id"))


def picture() -> list[Any]:
    """Everything that a refused verb must leave as it is."""
    tables = (
        "fulfilment_release", "fulfilment_releaseline", "fulfilment_pick", "fulfilment_parcel", "fulfilment_shipment",
        "fulfilment_shipmentline", "fulfilment_trackingevent", "fulfilment_wave", "fulfilment_scan",
        "orders_fulfilmentline", "orders_orderline",
        "promising_commitment", "inventory_bucket", "inventory_move", "platform_journalentry",
    )  # fmt: skip
    found: list[Any] = []
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"select md5(coalesce(string_agg(t::text, '|' order by t.id), '')) from {table} t")
            found.append((table, cursor.fetchone()[0]))
    return found


def violations() -> dict[str, Any]:
    """What `verify` finds wrong on the floors up to this one."""
    found: dict[str, Any] = {}
    for capability in ("inventory", "promising", "orders", "fulfilment"):
        statements = Statements(f"auftakt.{capability}")
        for name in statements.texts:
            if name.startswith("verify_") and (row := statements.rows(name)[0])[0]:
                found[name] = row
    return found


def count_statements(run: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        outcome = run()
    assert outcome.done
    assert not outcome.refused
    return len(seen)
