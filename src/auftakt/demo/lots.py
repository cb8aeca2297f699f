"""What bears numbers: energy bars in lots that expire, motors with serial numbers, and a count that waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from auftakt.catalog import actions as catalog
from auftakt.catalog import queries as catalog_queries
from auftakt.catalog.types import ItemDraft, TranslationDraft
from auftakt.demo import company
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment import queries as shipping
from auftakt.fulfilment.types import Packing, ParcelDraft, Shipping
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import CountEntry, CountPlan, CountTolerance, LotQuantity, PlacingDraft, Receipt
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.orders.types import LineDraft, OrderDraft
from auftakt.parties.types import PartyDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import PriceDraft

ACTOR = company.ACTOR
SITE = "HAM"
BAR, MOTOR = "RIEGEL", "MOTOR-250"
COUNTER = "warehouse@demo.example"


def keep_lots(people: Sequence[PartyDraft], at: datetime) -> None:
    """Receive bars and motors by number, ship some to a customer, set aside what has expired, and count."""
    before = at - timedelta(days=21)
    drafts = [
        ItemDraft(
            BAR, "Energy bar, oat and cherry", unit="each", category="CARE", brand="HOFWERK", weight_kg=Decimal("0.05"),
            tracking="lot", shelf_life_days=270, min_remaining_days=30, activate=True,
            translations=(TranslationDraft("de", "Energieriegel Hafer-Kirsch"),),
        ),
        ItemDraft(
            MOTOR, "Hub motor 250 W", category="DRIVE", brand="NORDKETTE", weight_kg=Decimal("2.9"), tracking="serial",
            activate=True, translations=(TranslationDraft("de", "Nabenmotor 250 W"),),
        ),
    ]  # fmt: skip
    company.must(catalog.save_items(drafts, actor=ACTOR, at=before))
    prices = [PriceDraft(f"{each}-EUR", sku, price) for each in ("RETAIL", "DEALER") for sku, price in _PRICES.items()]
    company.must(pricing.save_prices(prices, actor=ACTOR, at=before))
    placings = [PlacingDraft(SITE, BAR, "A-00-01"), PlacingDraft(SITE, MOTOR, "A-00-02")]
    company.must(inventory.place(placings, actor=ACTOR, at=before))
    bars = tuple(
        LotQuantity(number, Decimal(quantity), (at + timedelta(days=days)).date()) for number, quantity, days in _LOTS
    )
    motors = tuple(LotQuantity(f"NM250-{number}") for number in range(10451, 10463))
    receipts = [
        Receipt(SITE, BAR, sum((lot.quantity for lot in bars), Decimal(0)), note="Opening stock", lots=bars),
        Receipt(SITE, MOTOR, Decimal(len(motors)), note="Opening stock", lots=motors),
    ]
    company.must(inventory.receive(receipts, actor=ACTOR, at=before))
    dealer = next(each for each in people if each.segment == "dealer" and each.currency == "EUR")
    _ship(dealer.number, at - timedelta(days=9))
    orders.set_aside_expired(actor=ACTOR, at=at)
    _count(at)


_LOTS = (("R-2609", 36, -3), ("R-2611", 60, 24), ("R-2702", 120, 95), ("R-2705", 240, 190))
_PRICES = {BAR: Decimal("1.95"), MOTOR: Decimal(289)}


def _ship(customer: str, at: datetime) -> None:
    """One order that left, so that a lot and a serial number have somewhere they went."""
    lines = (LineDraft(BAR, Decimal(48)), LineDraft(MOTOR, Decimal(2)))
    draft = OrderDraft(
        "field_sales", "RI-000001", customer, lines, channel="field_sales", payment_method="bank_transfer",
        ordered_at=at,
    )  # fmt: skip
    order = orders.capture([draft], submit=True, actor=ACTOR, at=at).one().order_id
    pieces = order_queries.fulfilment_lines(order_ids=[order])
    ready = [key for key, piece in pieces.items() if piece.is_promised and piece.site_code == SITE]
    company.must(fulfilment.release(ready, actor=ACTOR, at=at))
    releases = list(shipping.releases(order_ids=[order]))
    company.must(fulfilment.pick_whole(releases, actor=ACTOR, at=at))
    boxes = [Packing(key, (ParcelDraft(Decimal(9)),)) for key in releases]
    company.must(fulfilment.pack(boxes, actor=ACTOR, at=at))
    company.must(fulfilment.ship([Shipping(key, carrier="DHL") for key in releases], actor=ACTOR, at=at))


def _count(at: datetime) -> None:
    """A list to be counted, and a difference beyond the tolerance that waits for approval."""
    company.must(inventory.save_count_tolerances([CountTolerance(SITE, Decimal(5), Decimal(100))], actor=ACTOR, at=at))
    plan = CountPlan(SITE, (at + timedelta(days=2)).date(), "longest", most=12, note="Weekly count")
    company.must(inventory.plan_counts([plan], actor=ACTOR, at=at))
    site = stock.sites_by_code([SITE])[SITE].id
    item = catalog_queries.items_by_sku([BAR])[BAR].id
    *_, last = there = stock.lots([item], site)[item]
    counted = tuple(LotQuantity(lot.number, lot.quantity) for lot in there if lot is not last)
    total = sum((lot.quantity for lot in counted), Decimal(0))
    entry = CountEntry(SITE, item, total, lots=counted, note="The last box is not there")
    company.must(orders.take_counts([entry], actor=COUNTER, at=at))
