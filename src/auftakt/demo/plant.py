"""The plant of the demo company in Nürnberg: it makes a bicycle to order, and its paint shop is what is scarce."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import BillDraft, BillLineDraft, ItemDraft, TranslationDraft
from auftakt.demo.company import ACTOR, SITES, must
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import CalendarDraft, CalendarException, Receipt
from auftakt.orders import actions as orders
from auftakt.orders.types import LineDraft, OrderDraft
from auftakt.parties.types import PartyDraft
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import PriceDraft
from auftakt.promising import actions as promising
from auftakt.supply import actions as supply
from auftakt.supply.types import (
    CapacityException,
    OperationDraft,
    ResourceDraft,
    RoutingDraft,
    ShiftDraft,
    WorkDraft,
    WorkFinish,
)

PLANT = "NUE"
BICYCLE, FRAME, WHEELS, TUBES = "MANUFAKTUR", "MANUFAKTUR-RAHMEN", "MANUFAKTUR-LRS", "MANUFAKTUR-ROHRE"
_PARTS = {
    BICYCLE: (
        (FRAME, 1), (WHEELS, 1), ("SATTEL-5", 1), ("LENKER-1", 1), ("VORBAU-2", 1), ("BREMSE-1", 1), ("KETTE-4", 1),
    ),
    FRAME: ((TUBES, 1),),
    WHEELS: (("LAUFRAD-1", 1), ("LAUFRAD-2", 1), ("REIFEN-3", 2), ("SCHLAUCH-5", 2), ("FELGENBAND-2", 2)),
}  # fmt: skip
_NAMES = (
    (BICYCLE, "Made-to-order bicycle", "Manufaktur-Rad nach Wunsch", Decimal(12)),
    (FRAME, "Frame, painted to order", "Rahmen, nach Wunsch lackiert", Decimal(2)),
    (WHEELS, "Wheel set, mounted", "Laufradsatz, montiert", Decimal("3.4")),
    (TUBES, "Tube set", "Rohrsatz", Decimal("1.8")),
)


def build_plant(start: datetime, at: datetime) -> None:
    """What the plant is and makes, from a year's start on; `at` is today."""
    year = at.year
    closed = tuple(CalendarException(date(year, 12, day), note="Betriebsruhe") for day in (24, 28, 29, 30, 31))
    calendars = [
        CalendarDraft("by", "Bayern, Montag bis Freitag", "12345", "DE", "BY", closed),
        CalendarDraft("hh", "Hamburg, Montag bis Samstag", "123456", "DE", "HH"),
    ]
    must(inventory.save_calendars(calendars, actor=ACTOR, at=start))
    site = next(each for each in SITES if each.code == PLANT)
    opened = replace(site, shipping_calendar="by", receiving_calendar="by", cut_off=time(14))
    must(inventory.save_sites([opened], actor=ACTOR, at=start))
    items = [
        ItemDraft(
            sku, name, weight_kg=weight, category="CITY" if sku == BICYCLE else "", activate=True,
            translations=(TranslationDraft("de", german),),
        )
        for sku, name, german, weight in _NAMES
    ]  # fmt: skip
    must(catalog.save_items(items, actor=ACTOR, at=start))
    prices = [PriceDraft(code, BICYCLE, Decimal(2990)) for code in ("RETAIL-EUR", "DEALER-EUR", "CHAIN-EUR")]
    must(pricing.save_prices(prices, actor=ACTOR, at=start))
    bills = [
        BillDraft(sku, tuple(BillLineDraft(part, Decimal(much), _scrap(part)) for part, much in parts), PLANT)
        for sku, parts in _PARTS.items()
    ]
    must(supply.save_bills(bills, actor=ACTOR, at=start))
    early, late = ShiftDraft("Frühschicht", Decimal(8), "12345"), ShiftDraft("Spätschicht", Decimal(6), "1234")
    resources = [
        ResourceDraft(
            PLANT, "LACK", "Lackiererei", (ShiftDraft("Tag", Decimal(2), "12345"),), "pieces", "by",
            (CapacityException(at.date() + timedelta(days=6), note="Wartung"),),
        ),
        ResourceDraft(PLANT, "MONTAGE", "Montage", (early, late), "hours", "by"),
    ]  # fmt: skip
    must(supply.save_resources(resources, actor=ACTOR, at=start))
    routings = [
        RoutingDraft(BICYCLE, PLANT, 3, Decimal("0.25"), (_step("MONTAGE", "Endmontage", 30, 150),)),
        RoutingDraft(FRAME, PLANT, 4, Decimal("0.5"), (_step("LACK", "Lackieren", 0, 0),)),
        RoutingDraft(WHEELS, PLANT, 1, Decimal(0), (_step("MONTAGE", "Zentrieren", 20, 40),)),
    ]
    must(supply.save_routings(routings, actor=ACTOR, at=start))
    _stock_up(90, start)
    must(inventory.receive([Receipt(PLANT, sku, Decimal(12)) for sku in (FRAME, WHEELS)], actor=ACTOR, at=start))


def _stock_up(quantity: int, at: datetime) -> None:
    """Parts come to the plant; it also sells some of them, so that work finds what it needs only after this."""
    parts = {part for parts in _PARTS.values() for part, _ in parts} - {FRAME, WHEELS}
    receipts = [Receipt(PLANT, sku, Decimal(quantity), note="Werksbestand") for sku in sorted(parts)]
    must(inventory.receive(receipts, actor=ACTOR, at=at))


def _step(resource: str, name: str, setup: int, run: int) -> OperationDraft:
    return OperationDraft(resource, name, Decimal(setup), Decimal(run))


def _scrap(part: str) -> Decimal:
    return Decimal(3) if part in (TUBES, "FELGENBAND-2") else Decimal(0)


def work(people: Sequence[PartyDraft], at: datetime) -> None:
    """The last weeks of the plant: an order that is done, one that is late while customers wait for it, frames that
    fill the paint shop, and plans of which one lacks components."""
    before, today = at - timedelta(days=21), at.date()
    done = _plan(BICYCLE, 3, today - timedelta(days=20), today - timedelta(days=15), before)
    late = _plan(BICYCLE, 6, today - timedelta(days=12), today - timedelta(days=3), before)
    _stock_up(30, before)
    must(supply.release_work([done, late], actor=ACTOR, at=before))
    must(supply.start_work([done], actor=ACTOR, at=before))
    _finish(done, 3, at - timedelta(days=15))
    must(supply.close_work([done], actor=ACTOR, at=at - timedelta(days=14)))
    _ordered(people, at - timedelta(days=13))
    must(supply.start_work([late], actor=ACTOR, at=at - timedelta(days=12)))
    _finish(late, 1, at - timedelta(days=4))
    frames = _plan(FRAME, 9, today, today + timedelta(days=9), at)
    wheels = _plan(WHEELS, 8, today, today + timedelta(days=4), at)
    bicycles = _plan(BICYCLE, 3, today + timedelta(days=2), today + timedelta(days=9), at)
    _stock_up(40, at)
    must(supply.release_work([frames, wheels, bicycles], actor=ACTOR, at=at))
    _plan(BICYCLE, 20, today + timedelta(days=14), today + timedelta(days=28), at)


def _plan(sku: str, quantity: int, starts_on: date, due_on: date, at: datetime) -> UUID:
    draft = WorkDraft(sku, PLANT, Decimal(quantity), starts_on, due_on)
    outcome = supply.plan_work([draft], actor=ACTOR, at=at)
    must(outcome)
    return outcome.one()


def _finish(key: UUID, quantity: int, at: datetime) -> None:
    must(promising.finish_work([WorkFinish(key, Decimal(quantity))], actor=ACTOR, at=at))


def _ordered(people: Sequence[PartyDraft], at: datetime) -> None:
    """Customers from near by order the bicycle; more than lies there, so that some wait for what is made."""
    near = [each for each in people if each.addresses and each.addresses[0].country == "DE"][:4]
    drafts = [
        OrderDraft("field_sales", f"MA-{number:06}", customer.number, (LineDraft(BICYCLE, Decimal(2)),),
                   channel="field_sales", payment_method="bank_transfer", ordered_at=at)
        for number, customer in enumerate(near, 1)
    ]  # fmt: skip
    must(orders.capture(drafts, submit=True, actor=ACTOR, at=at))
