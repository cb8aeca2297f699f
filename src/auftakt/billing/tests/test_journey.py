"""From a captured order to settled money, with the verbs of every floor below."""

from datetime import date
from decimal import Decimal as D
from uuid import UUID

import pytest
from tests import build

from auftakt.billing import actions, queries
from auftakt.billing.tests.build import violations
from auftakt.billing.types import CreditDraft, Receipt
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment.models import Pick
from auftakt.fulfilment.types import Picked, Shipping
from auftakt.orders.models import FulfilmentLine, Order, OrderCharge
from auftakt.orders.types import LineDraft
from auftakt.parties.models import CreditLine

AT, ACTOR = build.AT, build.ACTOR


def ship(order_id: UUID, sku: str) -> UUID:
    """The shipment of an order's open goods of an item."""
    lines = FulfilmentLine.objects.filter(order_id=order_id, item__sku=sku, state="open").values_list("id", flat=True)
    releases = build.done(fulfilment.release(list(lines), actor=ACTOR, at=AT))
    picks = [Picked(pick.id, pick.quantity) for pick in Pick.objects.filter(release_line__release_id__in=releases)]
    build.done(fulfilment.pick(picks, actor=ACTOR, at=AT))
    return build.done(fulfilment.ship([Shipping(key, "DHL", "T1") for key in releases], actor=ACTOR, at=AT))[0]


@pytest.mark.django_db
def test_goods_and_a_service_in_three_invoices_sum_to_the_order() -> None:
    build.company()
    lines = (LineDraft("BIKE", D(2)), LineDraft("HELMET", D(3)), LineDraft("FITTING", D("1.5")))
    draft = build.draft(reference="J-1", lines=(), payment_method="on_account", payment_terms="NET30")
    order_id = build.capture(build.replace(draft, lines=lines))
    order = Order.objects.get(id=order_id)
    assert CreditLine.objects.get().drawn == order.gross
    shipments = [ship(order_id, "HELMET"), ship(order_id, "BIKE")]
    service = FulfilmentLine.objects.filter(order=order, item__sku="FITTING").values_list("id", flat=True)
    shipments += build.done(fulfilment.perform(list(service), actor=ACTOR, at=AT))
    bills = [build.done(actions.bill([key], actor=ACTOR, at=AT))[0] for key in shipments]
    facts = queries.invoices(bills)
    assert sum(each.gross for each in facts.values()) == order.gross
    assert sum(each.tax for each in facts.values()) == order.tax
    assert not OrderCharge.objects.filter(order=order, billed=False).exists()
    assert violations() == {}
    receipt = Receipt("bank_transfer", order.gross, "EUR", date(2026, 3, 20), "B1", order_number=order.number)
    build.done(actions.receive_payments([receipt], actor=ACTOR, at=AT))
    assert queries.billing_of_orders([order_id])[order_id].open_amount == 0
    assert CreditLine.objects.get().drawn == 0
    build.done(actions.credit([CreditDraft(bills[0], "returned")], actor=ACTOR, at=AT))
    assert queries.list_payments(on_account=True)[0].on_account == facts[bills[0]].gross
    assert len(build.done(actions.file_invoices(queries.unfiled_invoices(), actor=ACTOR, at=AT))) == 4
    assert violations() == {}


@pytest.mark.django_db
def test_a_token_comes_with_the_order_and_a_card_number_is_refused() -> None:
    build.company()
    order_id = build.capture(build.draft(payment_method="card", payment_token="tok_declined"))
    assert Order.objects.get(id=order_id).payment_token == "tok_declined"
    refused = build.orders.capture(
        [build.draft(payment_method="card", payment_token="4111 1111 1111 1111")], submit=True, actor=ACTOR, at=AT
    ).refused
    assert [(finding.code, finding.place) for finding in refused[0].findings] == [
        ("card_number_refused", "/payment_token")
    ]
