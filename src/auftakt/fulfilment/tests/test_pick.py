"""Picking: whole, short, kits, and nothing at all."""

from decimal import Decimal
from uuid import UUID

import pytest

from auftakt.fulfilment import actions, queries
from auftakt.fulfilment.tests import build
from auftakt.fulfilment.tests.build import BY
from auftakt.fulfilment.types import Picked, PickFacts, Shipping
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import SiteDraft
from auftakt.values import new_id

pytestmark = pytest.mark.django_db


def picks(release_id: UUID) -> list[PickFacts]:
    return queries.picks([release_id])[release_id]


def told(release_id: UUID, *quantities: int | str) -> list[Picked]:
    """The picks of a release, by sku, with what was taken."""
    return [Picked(pick.id, Decimal(n)) for pick, n in zip(picks(release_id), quantities, strict=True)]


def test_a_whole_pick_moves_the_release_and_no_stock() -> None:
    build.company()
    build.receive("BELL", 5)
    order = build.order(("BELL", 4))
    release_id = build.released(order)[0]
    assert actions.pick(told(release_id, 4), **BY).done == (release_id,)
    assert queries.releases(ids=[release_id])[release_id].state == "picked"
    assert picks(release_id)[0].picked == 4
    assert build.on_hand("BELL") == (5, 4)
    assert build.entries("fulfilment.picked")[0].change["order_id"] == str(order)
    assert actions.pick(told(release_id, 4), **BY).refused[0].code == "not_to_pick"
    assert not build.violations()


def test_a_short_pick_corrects_the_books_and_promises_the_rest_from_elsewhere() -> None:
    build.company(HAM=1, MUC=5)
    build.receive("BELL", 5)
    order = build.order(("BELL", 5))
    build.receive("BELL", 10, site="MUC")
    release_id = build.released(order)[0]
    assert actions.pick(told(release_id, 3), **BY).done == (release_id,)
    first, rest = build.served(order)
    assert (first.state, first.quantity, first.site_code) == ("released", 3, "HAM")
    assert (rest.state, rest.quantity, rest.site_code, rest.split_from_id) == ("open", 2, "MUC", first.id)
    assert build.on_hand("BELL") == (3, 3)
    assert build.on_hand("BELL", "MUC") == (10, 2)
    corrected = build.entries("inventory.adjusted")[0].change
    assert (corrected["reason"], Decimal(corrected["quantity"])) == ("short_pick", 2)
    short = build.entries("fulfilment.picked")[0].change["short"]
    assert [(each["item"], Decimal(each["asked"]), Decimal(each["picked"])) for each in short] == [("BELL", 5, 3)]
    assert not build.violations()
    assert not actions.ship([Shipping(release_id)], **BY).refused
    assert build.on_hand("BELL") == (0, 0)
    assert not build.violations()


def test_the_rest_of_a_short_pick_waits_when_there_is_no_supply() -> None:
    build.company()
    build.receive("BELL", 5)
    order = build.order(("BELL", 5))
    outcome = actions.pick(told(build.released(order)[0], 4), **BY)
    assert not outcome.refused
    first, rest = build.served(order)
    assert (first.quantity, rest.quantity, rest.site_id, rest.ship_on) == (4, 1, None, None)
    assert not build.violations()


def test_a_pick_of_nothing_gives_the_line_back_and_an_empty_release_is_cancelled() -> None:
    build.company(HAM=1, MUC=5)
    build.receive("BELL", 5)
    build.receive("LAMP", 1)
    order = build.order(("BELL", 5), ("LAMP", 1))
    build.receive("BELL", 5, site="MUC")
    release_id = build.released(order)[0]
    bell = build.served(order)[0]
    assert actions.pick(told(release_id, 0, 1), **BY).done == (release_id,)
    assert queries.releases(ids=[release_id])[release_id].state == "picked"
    assert [line.sku for line in queries.release_lines([release_id])[release_id] if not line.is_cancelled] == ["LAMP"]
    back = build.served(order)[0]
    assert (back.id, back.state, back.quantity, back.site_code) == (bell.id, "open", 5, "MUC")
    assert build.on_hand("BELL") == (0, 0)
    assert not build.violations()
    again = actions.release([back.id], **BY).done[0]
    assert actions.pick(told(again, 0), **BY).done == (again,)
    assert queries.releases(ids=[again])[again].state == "cancelled"
    assert [entry.subject_id for entry in build.entries("fulfilment.recalled")] == [again]
    assert not build.violations()


def test_of_a_kit_only_whole_kits_go_and_each_part_is_corrected_by_what_it_misses() -> None:
    build.company()
    build.receive("BELL", 8)
    build.receive("LAMP", 4)
    order = build.order(("SET", 4))
    release_id = build.released(order)[0]
    assert actions.pick(told(release_id, 5, 4), **BY).done == (release_id,)
    first, rest = build.served(order)
    assert (first.quantity, rest.quantity, rest.site_id) == (2, 2, None)
    assert [(pick.sku, pick.picked) for pick in picks(release_id)] == [("BELL", 4), ("LAMP", 2)]
    assert build.on_hand("BELL") == (5, 4)
    assert build.on_hand("LAMP") == (4, 2)
    assert not build.violations()


def test_of_a_case_only_whole_cases_go() -> None:
    build.company()
    build.receive("BELL", 30)
    order = build.order(("BELL", 3, "case"))
    release_id = build.released(order)[0]
    actions.pick(told(release_id, 27), **BY)
    assert [(line.quantity, line.base_quantity) for line in build.served(order)] == [(2, 20), (1, 10)]
    assert build.on_hand("BELL") == (27, 20)
    assert not build.violations()


def test_a_pick_that_makes_no_sense_is_refused_and_nothing_moves() -> None:
    build.company()
    build.receive("BELL", 9)
    build.receive("LAMP", 9)
    one, other = build.released(build.order(("BELL", 3), ("LAMP", 1)))[0], build.released(build.order(("BELL", 3)))[0]
    before = build.picture()
    bad = {"4": "picked_too_much", "-1": "quantity_negative", "NaN": "quantity_negative", "1.5": "quantity_fractional"}
    for quantity, code in bad.items():
        assert actions.pick(told(one, quantity, 1), **BY).refused[0].code == code
    assert actions.pick(told(one, 3, 1)[:1], **BY).refused[0].code == "picks_missing"
    assert actions.pick([Picked(new_id(), Decimal(1))], **BY).refused[0].code == "unknown_pick"
    assert actions.pick_whole([new_id()], **BY).refused[0].code == "unknown_release"
    inventory.save_sites([SiteDraft("HAM", "Site HAM", "distribution_centre", "DE", is_open=False)], **BY)
    assert actions.pick(told(one, 2, 1), **BY).refused[0].code == "site_closed"
    assert build.picture()[:-1] == before[:-1]
    mixed = actions.pick([*told(one, 9, 1), *told(other, 3)], **BY)
    assert (mixed.done, [refusal.subject for refusal in mixed.refused]) == ((other,), [str(one)])
