"""The world of the benchmarks: 1,000 items at 5 sites with plenty of stock, 100 customers, one price list."""

from datetime import datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from django.db import connection

from auftakt.catalog import actions as catalog
from auftakt.catalog.queries import items_by_sku
from auftakt.catalog.types import ItemDraft
from auftakt.demo.bench.floor import ITEMS, LINES, SITES
from auftakt.demo.starter import install_starter
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Receipt, SiteDraft
from auftakt.orders import actions as orders
from auftakt.orders.types import LineDraft, OrderDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, PartyDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import PriceDraft, PriceListDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft
from auftakt.values import new_id

CUSTOMERS = 100
ACTOR = "bench"
SKUS = [f"ITEM-{number:04}" for number in range(ITEMS)]


def build_world(at: datetime) -> list[UUID]:
    """Build it, and return the ids of the items."""
    install_starter(actor=ACTOR, at=at)
    sites = [SiteDraft(f"S{n}", f"Site {n}", "distribution_centre", "DE", city="Berlin") for n in range(SITES)]
    inventory.save_sites(sites, actor=ACTOR, at=at)
    home = AddressDraft("Street 1", "Berlin", "DE", "10115", is_default_bill_to=True, is_default_ship_to=True)
    customers = [
        PartyDraft(f"C{n}", f"Customer {n}", payment_terms="NET30", addresses=(home,), credit_limit=Decimal(10**12))
        for n in range(CUSTOMERS)
    ]
    parties.save_parties(customers, actor=ACTOR, at=at)
    items = [ItemDraft(sku, sku.title(), weight_kg=Decimal(1), activate=True) for sku in SKUS]
    catalog.save_items(items, actor=ACTOR, at=at)
    pricing.save_price_lists([PriceListDraft("BENCH", "Bench", "EUR")], actor=ACTOR, at=at)
    pricing.save_prices([PriceDraft("BENCH", sku, Decimal("19.90")) for sku in SKUS], actor=ACTOR, at=at)
    lanes = [LaneDraft(f"S{n}", "DE", 1 + n % 3, cost=Decimal(5)) for n in range(SITES)]
    promising.save_lanes(lanes, actor=ACTOR, at=at)
    receipts = [Receipt(f"S{n}", sku, Decimal(1_000_000)) for sku in SKUS for n in range(SITES)]
    inventory.receive(receipts, actor=ACTOR, at=at)
    return [item.id for item in items_by_sku(SKUS).values()]


def grow(at: datetime) -> None:
    """Some thousand orders beforehand, and what the database knows of its tables: a house that is lived in."""
    random = Random(3)
    for _ in range(3):
        capture_orders(1000, random, at)
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def drafts(count: int, random: Random) -> list[OrderDraft]:
    """`count` new orders of three lines."""
    return [
        OrderDraft(
            source_system="bench",
            external_reference=str(new_id()),
            customer_number=f"C{random.randrange(CUSTOMERS)}",
            lines=tuple(LineDraft(random.choice(SKUS), Decimal(1)) for _ in range(LINES)),
        )
        for _ in range(count)
    ]


def capture_orders(count: int, random: Random, at: datetime) -> list[UUID]:
    """Capture and submit `count` orders; their ids."""
    outcome = orders.capture(drafts(count, random), submit=True, actor=ACTOR, at=at)
    if outcome.refused:
        raise RuntimeError(f"the benchmark's own orders are refused: {outcome.refused[0].message}")
    return [captured.order_id for captured in outcome.done]
