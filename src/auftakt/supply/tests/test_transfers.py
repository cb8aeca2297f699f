"""Transfers between sites: held at the origin, expected at the destination, in the ledger on the way."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from auftakt.inventory import actions as inventory
from auftakt.inventory.models import Bucket, Move
from auftakt.inventory.tests.build import BY, company, state
from auftakt.inventory.types import Adjustment, Receipt
from auftakt.supply import actions, queries
from auftakt.supply.models import TransferOrder, TransferOrderLine
from auftakt.supply.tests.test_agreeing import codes
from auftakt.supply.tests.test_purchases import violations
from auftakt.supply.types import TransferCancellation, TransferDraft, TransferLineDraft, TransferLoss, TransferReceipt

SHIP = date(2026, 3, 2)
LATE = {**BY, "at": BY["at"] + timedelta(days=5)}


def setting() -> dict[str, UUID]:
    ids = company()
    assert not inventory.receive([Receipt("HAM", "BIKE", Decimal(10))], **BY).refused
    return ids


def draft(quantity: int = 6, **other: Any) -> TransferDraft:
    ends = {"from_site": "HAM", "to_site": "MUC", "ship_on": SHIP, "transit_days": 2, **other}
    return TransferDraft(lines=(TransferLineDraft("BIKE", Decimal(quantity)),), **ends)


def made(quantity: int = 6, **other: Any) -> tuple[UUID, Any]:
    key = actions.order_transfers([draft(quantity, **other)], **BY).one()
    return key, queries.transfers([key])[key].lines[0]


def bucket(ids: dict[str, UUID], site: str) -> UUID:
    return Bucket.objects.get(item_id=ids["BIKE"], site__code=site, kind="on_hand").id


@pytest.mark.django_db
def test_from_one_site_to_another() -> None:
    ids = setting()
    order, line = made()
    assert state(bucket(ids, "HAM")) == (10, 6)
    assert state(line.bucket_id) == (6, 0)
    less = Adjustment("HAM", "BIKE", Decimal(-5), "loss")
    assert codes(inventory.adjust([less], **BY)) == [["stock_promised"]]
    assert codes(actions.book_transfer_receipts([TransferReceipt(line.id, Decimal(1))], **BY)) == [
        ["transfer_not_shipped"]
    ]
    assert set(violations().values()) == {0}
    assert actions.ship_transfers([order], **LATE).done == (order,)
    assert actions.ship_transfers([order], **LATE).done == (order,)
    assert state(bucket(ids, "HAM")) == (4, 0)
    assert TransferOrder.objects.get().arrive_on == LATE["at"].date() + timedelta(days=2)
    receipts = [TransferReceipt(line.id, Decimal(4)), TransferReceipt(line.id, Decimal(3))]
    outcome = actions.book_transfer_receipts(receipts, **LATE)
    assert ([each.quantity for each in outcome.done], codes(outcome)) == ([4], [["over_receipt"]])
    assert TransferOrder.objects.get().state == "part_received"
    assert set(violations().values()) == {0}
    assert actions.write_off_transfers([TransferLoss(line.id, note="fell off")], **LATE).done == (line.id,)
    assert (TransferOrder.objects.get().state, state(bucket(ids, "MUC"))) == ("received", (4, 0))
    ends = list(
        Move.objects.filter(reference_id=line.id).order_by("id").values_list("taken_from__kind", "put_to__kind")
    )
    assert ends == [("stock", "transit"), ("transit", "stock"), ("transit", "loss")]
    assert set(violations().values()) == {0}
    (first,) = Move.objects.filter(reference_id=line.id, put_to__kind="transit")
    assert codes(inventory.reverse([first.id], **LATE)) == [["move_belongs_elsewhere"]]


@pytest.mark.django_db
def test_what_has_not_left_goes_back_to_its_shelf() -> None:
    ids = setting()
    _, line = made()
    assert actions.cancel_transfers([TransferCancellation(line.id, Decimal(2))], **BY).done == (line.id,)
    assert (state(bucket(ids, "HAM")), state(line.bucket_id)) == ((10, 4), (4, 0))
    Bucket.objects.filter(id=line.bucket_id).update(drawn=3)
    assert codes(actions.cancel_transfers([TransferCancellation(line.id)], **BY)) == [["supply_promised"]]
    Bucket.objects.filter(id=line.bucket_id).update(drawn=0)
    actions.cancel_transfers([TransferCancellation(line.id)], **BY)
    assert (TransferOrder.objects.get().state, state(bucket(ids, "HAM"))) == ("cancelled", (10, 0))
    assert codes(actions.cancel_transfers([TransferCancellation(line.id)], **BY)) == [["transfer_has_left"]]
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_more_than_is_free_is_refused_and_a_bad_transfer_names_every_problem() -> None:
    ids = setting()
    outcome = actions.order_transfers([draft(11), draft(to_site="HAM", transit_days=-1), draft(from_site="MARS")], **BY)
    assert codes(outcome) == [["stock_insufficient"], ["same_site", "transit_out_of_range"], ["site_unknown"]]
    assert state(bucket(ids, "HAM")) == (10, 0)
    one, two = (TransferDraft("HAM", "MUC", SHIP, draft().lines, number=number) for number in ("T-1", "T-2"))
    outcome = actions.order_transfers([one, two, one], **BY)
    assert (len(outcome.done), codes(outcome)) == (2, [["stock_insufficient"]])
    other = TransferDraft("HAM", "MUC", SHIP, draft(5).lines, number="T-1")
    assert codes(actions.order_transfers([other], **BY)) == [["transfer_number_taken"]]
    assert set(violations().values()) == {0}
    assert TransferOrderLine.objects.filter(transfer__state="placed").count() == 1
