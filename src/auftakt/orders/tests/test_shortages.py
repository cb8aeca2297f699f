"""Supply that is cut below what was promised (AT-GOP-R3): nothing is dropped in silence, the losers are named."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests import build

from auftakt.cli.verify import checks
from auftakt.inventory.models import Bucket
from auftakt.orders import actions, queries
from auftakt.platform.models import JournalEntry
from auftakt.promising import actions as promising
from auftakt.promising.models import Commitment
from auftakt.supply import actions as supply
from auftakt.supply import queries as documents
from auftakt.supply.types import (
    AcknowledgedLine,
    InspectionVerdict,
    PurchaseAcknowledgement,
    PurchaseCancellation,
    PurchaseDraft,
    PurchaseLineDraft,
    PurchaseReceipt,
    Rescheduling,
    TransferDraft,
    TransferLineDraft,
    TransferLoss,
    TransferReceipt,
)

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}
COMES = build.TODAY + timedelta(days=10)


def clean() -> dict[str, str | None]:
    return {check.name: check.example for check in checks() if check.violations}


def bought(quantity: str, **other: object) -> tuple[UUID, UUID]:
    line = replace(PurchaseLineDraft("TYRE", Decimal(quantity), COMES, unit_cost=Decimal(5)), **other)
    order = supply.order_purchases([PurchaseDraft("S-1", "DC", "EUR", build.TODAY, (line,))], **A).one()
    return order, documents.purchases([order])[order].lines[0].id


def asked(*wishes: tuple[str, int]) -> list[UUID]:
    """Orders of a quantity and a priority each."""
    return [build.order(lines=[("TYRE", quantity)], priority=priority) for quantity, priority in wishes]


def dates(orders: list[UUID]) -> list[bool]:
    return [all(line.is_promised for line in queries.fulfilment_lines(order_ids=[key]).values()) for key in orders]


def setting() -> None:
    build.company(stock={})


def test_the_lowest_priorities_lose_what_is_cut() -> None:
    setting()
    _, line = bought("100")
    orders = asked(("20", 3), ("20", 1), ("20", 2), ("20", 4))
    assert dates(orders) == [True] * 4
    (cut,) = actions.cut_purchases([PurchaseCancellation(line, Decimal(40))], **A).done
    assert [(each.quantity, each.priority, each.ship_on) for each in cut.lost] == [(20, 4, None)]
    assert dates(orders) == [True, True, True, False]
    assert Bucket.objects.filter(reference_id=line).values_list("quantity", "drawn").get() == (60, 60)
    lost = JournalEntry.objects.get(verb="order.promise_lost")
    assert (lost.subject_id, lost.change["lines"][0]["item"]) == (orders[3], "TYRE")
    assert clean() == {}
    (cut,) = actions.cut_purchases([PurchaseCancellation(line)], **A).done
    assert [each.priority for each in cut.lost] == [1, 2, 3]
    assert (dates(orders), Commitment.objects.count()) == ([False] * 4, 0)
    assert clean() == {}


def test_who_loses_is_promised_anew_from_other_supply() -> None:
    setting()
    _, line = bought("10")
    orders = asked(("5", 1), ("5", 2))
    later = build.purchase("TYRE", "5", COMES + timedelta(days=9))
    (cut,) = actions.cut_purchases([PurchaseCancellation(line, Decimal(5))], **A).done
    assert [(each.order_id, each.ship_on is None) for each in cut.lost] == [(orders[1], False)]
    assert cut.lost[0].ship_on > cut.lost[0].was_on
    assert dates(orders) == [True, True]
    bucket = documents.purchases([later])[later].lines[0].bucket_id
    (standing,) = queries.standing_on([bucket])
    assert (standing.order_id, standing.quantity, standing.in_time) == (orders[1], 5, True)
    assert clean() == {}


def test_what_is_refused_costs_nobody_a_promise() -> None:
    setting()
    _, line = bought("10")
    orders = asked(
        ("10", 1),
    )
    wishes = [PurchaseCancellation(line, Decimal(11)), PurchaseCancellation(UUID(int=5))]
    outcome = actions.cut_purchases(wishes, **A)
    assert [each.code for each in outcome.refused] == ["more_than_open", "line_unknown"]
    assert (dates(orders), outcome.done) == ([True], ())
    assert Commitment.objects.get().quantity == 10
    assert not JournalEntry.objects.filter(verb__in=["promising.pegs_lost", "order.promise_lost"]).exists()
    assert clean() == {}


def test_the_suppliers_answer_cuts_and_slips_and_names_the_orders() -> None:
    setting()
    order, line = bought("10")
    orders = asked(("6", 1), ("4", 2))
    late = COMES + timedelta(days=30)
    answer = PurchaseAcknowledgement(order, (AcknowledgedLine(line, Decimal(6), late),), "AB-1")
    (cut,) = actions.acknowledge_purchases([answer], **A).done
    assert [(each.was_on, each.expected_on, each.open) for each in cut.moved] == [(COMES, late, 6)]
    assert [each.order_id for each in cut.lost] == [orders[1]]
    (standing,) = queries.standing_on([cut.moved[0].bucket_id])
    assert (standing.order_id, standing.priority, standing.in_time) == (orders[0], 1, False)
    assert clean() == {}
    supply.reschedule([Rescheduling(line, COMES)], **A)
    assert queries.standing_on([cut.moved[0].bucket_id])[0].in_time


def test_rejected_goods_that_are_not_replaced_cost_promises() -> None:
    setting()
    _, line = bought("10", inspects=True)
    orders = asked(("6", 1), ("4", 2))
    assert promising.receive_purchases([PurchaseReceipt(line, Decimal(10))], **A).done == ()
    assert Commitment.objects.filter(bucket__kind="purchase").count() == 2
    refused = promising.inspect_purchases([InspectionVerdict(line, Decimal(0), Decimal(4), "cut")], **A).refused
    assert [each.code for each in refused] == ["supply_promised"]
    verdict = InspectionVerdict(line, Decimal(6), Decimal(4), "cut", "cracked")
    (cut,) = actions.inspect_purchases([verdict], **A).done
    assert [each.order_id for each in cut.lost] == [orders[1]]
    assert dates(orders) == [True, False]
    assert Commitment.objects.get().bucket.kind == "on_hand"
    assert clean() == {}


def test_a_transfer_serves_orders_at_its_destination_and_a_loss_is_named() -> None:
    setting()
    build.receive({("SHOP", "TYRE"): "10"})
    draft = TransferDraft("SHOP", "DC", build.TODAY, (TransferLineDraft("TYRE", Decimal(10)),), transit_days=3)
    transfer = supply.order_transfers([draft], **A).one()
    line = documents.transfers([transfer])[transfer].lines[0]
    orders = asked(("6", 1), ("4", 2))
    assert dates(orders) == [True, True]
    assert set(Commitment.objects.values_list("bucket__kind", flat=True)) == {"transfer"}
    supply.ship_transfers([transfer], **A)
    assert clean() == {}
    promising.receive_transfers([TransferReceipt(line.id, Decimal(7))], **A)
    assert sum(Commitment.objects.filter(bucket__kind="on_hand").values_list("quantity", flat=True)) == 7
    (cut,) = actions.write_off_transfers([TransferLoss(line.id)], **A).done
    assert [(each.order_id, each.quantity) for each in cut.lost] == [(orders[1], 3)]
    assert dates(orders) == [True, False]
    assert clean() == {}
