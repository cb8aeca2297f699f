"""How things are made, from plain values to arrays and back: which bill holds where, capacity, what is bought."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from auftakt.catalog.types import BillFacts, BillLineFacts
from auftakt.promising.engine.make import make, new_log, undo
from auftakt.promising.engine.making import Plant, build_making, made_values
from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.stock import SupplyRow, supply_array
from auftakt.promising.tests.world import key
from auftakt.promising.types import SiteOfSupply
from auftakt.supply.types import OperationFacts, RoutingFacts
from auftakt.values import new_id

ON = date(2026, 3, 2)  # a Monday
DAYS = 60
P, Q = Plant(key("P"), "P", 0, np.arange(DAYS) % 7 < 5), Plant(key("Q"), "Q", 1, np.ones(DAYS, dtype=np.bool_))


def line(sku: str, quantity: str, scrap: str = "0", decimals: int = 0) -> BillLineFacts:
    return BillLineFacts(
        1, key(sku), sku, sku, "each", decimals, Decimal(quantity), Decimal(scrap), None, None, is_made=False
    )


def bill(sku: str, plant: str, *lines: BillLineFacts) -> BillFacts:
    return BillFacts(key(f"bill {sku}{plant}"), key(sku), sku, sku, "each", plant, lines)


def routing(sku: str, plant: Plant, lead: int = 0, each: str = "0", *steps: OperationFacts) -> RoutingFacts:
    return RoutingFacts(
        key(f"routing {sku}{plant.code}"), key(sku), sku, sku, plant.id, plant.code, lead, Decimal(each), steps
    )


def test_a_scooter_is_made_of_what_is_there_what_is_made_and_what_is_bought() -> None:
    """Two scooters at P: frames are made there of tube by the metre, with 10 % scrap; wheels are bought in 4 days."""
    press = OperationFacts(10, "press", key("press"), "PRESS", "hours", Decimal(30), Decimal("7.5"))
    bench = OperationFacts(10, "assemble", key("bench"), "BENCH", "pieces", Decimal(0), Decimal(0))
    bills = {
        key("scooter"): [
            bill("scooter", "", line("frame", "1"), line("wheel", "2")),
            bill("scooter", "Q", line("wheel", "9")),
        ],
        key("frame"): [bill("frame", "P", line("tube", "1.5", "10", 2))],
    }
    routings = [routing("scooter", P, 0, "0", bench), routing("frame", P, 1, "0", press), routing("frame", Q)]
    picture = Picture(1, [SiteOfSupply(P.id, "P"), SiteOfSupply(Q.id, "Q")], [])
    tube, wheels = SupplyRow(new_id(), key("tube"), P.id, 0, 10 * 10**6, 0), SupplyRow(
        new_id(), key("wheel"), P.id, 0, 10**6, 0
    )  # fmt: skip
    picture.load(supply_array([tube, wheels]))
    picture.see(ON.toordinal())
    free = {key("press"): np.full(DAYS, 40), key("bench"): np.ones(DAYS, dtype=np.int64)}
    recipes = build_making(
        ON, [P, Q], bills, routings, free, {key("wheel"): 4}, lambda item: picture.shelf.number(item.int), {}
    )
    assert {item: last - first for item, (first, last) in recipes.of.items()} == {key("scooter"): 1, key("frame"): 1}
    assert recipes.items(key("scooter")) == {key(each) for each in ("scooter", "frame", "wheel", "tube")}

    apart = recipes.fork()
    world, log = picture.world(ON.toordinal()), new_log(apart.making)
    first, _ = recipes.of[key("scooter")]
    day = make(world, apart.making, log, first, 2 * 10**6, ON.toordinal(), partial=False)
    assert date.fromordinal(day) == ON + timedelta(5)  # wheels on Friday, one scooter a day
    made, bought = made_values(apart, log, world.rows, new_id)
    frame, scooter = made
    assert (frame.item_id, frame.quantity, frame.starts_on, frame.due_on) == (
        key("frame"), 2, ON, ON + timedelta(1),
    )  # fmt: skip
    assert [(part.source_id, part.quantity, part.standing) for part in frame.parts] == [(tube.id, Decimal("3.3"), True)]
    assert frame.operations[0].loads == ((ON, Decimal(40)), (ON + timedelta(1), Decimal(5)))
    assert frame.operations[0].amount == 45  # 30 minutes to set up and 7.5 each
    assert frame.parent_id == scooter.id
    assert [(each.item_id, each.quantity, each.due_on) for each in bought] == [(key("wheel"), 3, ON + timedelta(4))]
    assert {(part.source_id, part.quantity, part.standing) for part in scooter.parts} == {
        (frame.id, 2, False), (bought[0].id, 3, False), (wheels.id, 1, True),
    }  # fmt: skip
    assert (recipes.making.free == np.array([free[key("press")], free[key("bench")]]) * 10**6).all()
    undo(world, apart.making, log, (0, 0, 0, 0, 0, 0))
    assert (apart.making.free == recipes.making.free).all()


def test_lead_times_count_working_days_of_the_plant() -> None:
    """Three days and a half for each piece, begun on a Monday: five working days for four pieces end on the Monday."""
    picture = Picture(1, [SiteOfSupply(P.id, "P")], [])
    picture.load(supply_array([SupplyRow(new_id(), key("tube"), P.id, 0, 10 * 10**6, 0)]))
    picture.see(ON.toordinal())
    recipes = build_making(
        ON, [P], {key("frame"): [bill("frame", "", line("tube", "1"))]}, [routing("frame", P, 3, "0.5")], {}, {},
        lambda item: picture.shelf.number(item.int), {},
    )  # fmt: skip
    world, log = picture.world(ON.toordinal()), new_log(recipes.making)
    assert make(world, recipes.making, log, 0, 4 * 10**6, ON.toordinal(), partial=False) == ON.toordinal() + 7
