"""Lots through purchases, inspections, transfers and work orders: asked for where the item asks, refused by name."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests import build

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import BillDraft, BillLineDraft, ItemDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.models import LotStock, Move
from auftakt.inventory.types import LotQuantity, Receipt
from auftakt.supply import actions, queries
from auftakt.supply.types import (
    InspectionVerdict,
    PurchaseReceipt,
    SupplierItemDraft,
    TransferDraft,
    TransferLineDraft,
    TransferReceipt,
    WorkDraft,
    WorkFinish,
)

pytestmark = pytest.mark.django_db
BY: Any = {"actor": build.ACTOR, "at": build.AT}


@pytest.fixture
def gel() -> UUID:
    build.company()
    draft = ItemDraft("GEL", "Energy gel", tracking="lot", shelf_life_days=90, activate=True)
    return build.done(catalog.save_items([draft, ItemDraft("PART", "Part", activate=True)], **BY))[0]


def lots(**told: int) -> tuple[LotQuantity, ...]:
    return tuple(LotQuantity(number, Decimal(quantity)) for number, quantity in told.items())


def lying(gel: UUID, place: str = "DC") -> dict[str, Decimal]:
    return {lot.number: lot.quantity for lot in stock.lots([gel]).get(gel, ()) if lot.place == place}


def codes(outcome: Any) -> list[str]:
    return [finding.code for refusal in outcome.refused for finding in refusal.findings]


def test_a_purchase_is_received_by_lot_or_not_at_all(gel: UUID) -> None:
    line = queries.purchases([build.purchase("GEL", "10", build.TODAY)])
    line_id = next(iter(line.values())).lines[0].id
    before = Move.objects.count(), LotStock.objects.count()
    assert codes(actions.book_receipts([PurchaseReceipt(line_id, Decimal(4))], **BY)) == ["lots_missing"]
    wrong = PurchaseReceipt(line_id, Decimal(4), lots=lots(A=3))
    assert codes(actions.book_receipts([wrong], **BY)) == ["lots_do_not_sum"]
    assert (Move.objects.count(), LotStock.objects.count()) == before
    assert queries.lines([line_id])[line_id].received == 0
    build.done(actions.book_receipts([PurchaseReceipt(line_id, Decimal(4), lots=lots(A=4))], **BY))
    other = (LotQuantity("A", Decimal(2), build.TODAY + timedelta(5)),)
    again = PurchaseReceipt(line_id, Decimal(2), lots=other)
    assert codes(actions.book_receipts([again], **BY)) == ["lot_used_twice"]
    assert lying(gel) == {"A": 4}


def test_inspected_by_lot(gel: UUID) -> None:
    build.done(actions.save_supplier_items([SupplierItemDraft("S-1", "GEL", 3, inspects=True)], **BY))
    line_id = next(iter(queries.purchases([build.purchase("GEL", "10", build.TODAY)]).values())).lines[0].id
    build.done(actions.book_receipts([PurchaseReceipt(line_id, Decimal(6), lots=lots(A=4, B=2))], **BY))
    assert lying(gel, "DC quarantine") == {"A": 4, "B": 2}
    wrong = InspectionVerdict(line_id, accepted=Decimal(3), accepted_lots=lots(B=3))
    assert codes(actions.book_inspections([wrong], **BY)) == ["lot_not_there"]
    told = InspectionVerdict(
        line_id, Decimal(4), Decimal(1), accepted_lots=lots(A=3, B=1), rejected_lots=lots(A=1)
    )  # fmt: skip
    build.done(actions.book_inspections([told], **BY))
    assert lying(gel) == {"A": 3, "B": 1}
    assert lying(gel, "DC quarantine") == {"B": 1}


def test_a_transfer_brings_the_lots_that_were_sent(gel: UUID) -> None:
    build.done(inventory.receive([Receipt("DC", "GEL", Decimal(6), lots=lots(A=4, B=2))], **BY))
    draft = TransferDraft("DC", "SHOP", build.TODAY, (TransferLineDraft("GEL", Decimal(5)),))
    transfer = build.done(actions.order_transfers([draft], **BY))[0]
    assert not actions.place_transfers([transfer], **BY).refused
    build.done(actions.ship_transfers([transfer], **BY))
    assert lying(gel, "transit") == {"A": 4, "B": 1}
    line_id = queries.transfers([transfer])[transfer].lines[0].id
    wrong = TransferReceipt(line_id, Decimal(2), lots=lots(B=2))
    assert codes(actions.book_transfer_receipts([wrong], **BY)) == ["lot_not_there"]
    assert queries.transfer_lines([line_id])[line_id].received == 0
    build.done(actions.book_transfer_receipts([TransferReceipt(line_id, Decimal(1), lots=lots(B=1))], **BY))
    build.done(actions.book_transfer_receipts([TransferReceipt(line_id, Decimal(4))], **BY))
    assert lying(gel, "SHOP") == {"A": 4, "B": 1}
    assert lying(gel) == {"B": 1}


def test_what_is_made_gets_its_lot(gel: UUID) -> None:
    build.receive({("DC", "PART"): "50"})
    build.done(actions.save_bills([BillDraft("GEL", (BillLineDraft("PART", Decimal(1)),), "DC")], **BY))
    work = build.done(actions.plan_work([WorkDraft("GEL", "DC", Decimal(3), build.TODAY)], **BY))[0]
    build.done(actions.release_work([work], **BY))
    build.done(actions.start_work([work], **BY))
    assert codes(actions.finish_work([WorkFinish(work, Decimal(2))], **BY)) == ["lots_missing"]
    assert queries.work([work])[work].head.finished == 0
    build.done(actions.finish_work([WorkFinish(work, Decimal(2), lots=lots(W1=2))], **BY))
    assert lying(gel) == {"W1": 2}
