"""Takes whatever orders there are from captured to paid, through the verbs that people and workers use."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from auftakt.billing import actions as billing
from auftakt.billing.types import Receipt
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment.types import Packing, ParcelDraft, Shipping
from auftakt.orchestration import actions as orchestration

ACTOR = "test"
CHUNK = 2000


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def run_to_paid(at: datetime) -> None:
    """Release, pick, pack, ship, invoice, pay, close: nothing is left open."""
    later = at + timedelta(days=10)
    orchestration.drain(actor=ACTOR, at=later)
    while releases := [key for (key,) in rows("select id from fulfilment_release where state = 'released' limit 2000")]:
        assert not fulfilment.pick_whole(releases, actor=ACTOR, at=later).refused
        packings = [Packing(key, (ParcelDraft(Decimal(1)),)) for key in releases]
        assert not fulfilment.pack(packings, actor=ACTOR, at=later).refused
        assert not fulfilment.ship([Shipping(key, "DHL", "") for key in releases], actor=ACTOR, at=later).refused
        orchestration.drain(actor=ACTOR, at=later)
    open_items = rows(
        "select number, currency, gross - paid - credited from billing_invoice"
        " where gross > paid + credited order by number"
    )
    for start in range(0, len(open_items), CHUNK):
        receipts = [
            Receipt("bank_transfer", amount, currency, later.date(), f"bank {number}", invoice_number=number)
            for number, currency, amount in open_items[start : start + CHUNK]
        ]
        assert not billing.receive_payments(receipts, actor=ACTOR, at=later).refused
    orchestration.drain(actor=ACTOR, at=later)
