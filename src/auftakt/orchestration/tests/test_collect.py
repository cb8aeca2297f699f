"""Money fetched by card through the real sandbox: paid, declined, in doubt."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests import build

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.types import Receipt
from auftakt.channels.sandbox import PaymentSandbox, sandbox
from auftakt.orchestration import actions, queries
from auftakt.orchestration.tests.build import (
    AT,
    HOUR,
    bills,
    company,
    drain,
    reason,
    ship,
    state,
    steps,
    violations,
)
from auftakt.orders.models import Order
from auftakt.platform.plugs import plug

pytestmark = pytest.mark.django_db(transaction=True)
GROSS = Decimal("1190.00")


@pytest.fixture
def bank(settings: Any) -> Iterator[PaymentSandbox]:
    with sandbox(hang_seconds=1.0) as running:
        options = {"base_url": running.url, "api_key": "sandbox", "timeout_seconds": 0.3, "default_token": "tok_ok"}
        settings.AUFTAKT_PLUGS = {"payment": {"card": {"class": "auftakt.channels.payments.CardProvider", **options}}}
        plug.cache_clear()
        yield running
    plug.cache_clear()


def invoiced(token: str) -> UUID:
    """A bike paid by card, shipped and invoiced, its collection tried once."""
    company()
    order_id = build.order(payment_method="card", payment_token=token)
    drain()
    ship(order_id)
    drain()
    return order_id


def test_a_card_pays_and_the_order_closes(bank: PaymentSandbox) -> None:
    order_id = invoiced("tok_ok")
    assert (state(order_id), bank.ledger.total("capture")) == ("closed", GROSS)
    assert drain().tried == 0
    assert violations() == {}


def test_a_declined_card_is_shown_and_tried_again_by_hand(bank: PaymentSandbox) -> None:
    order_id = invoiced("tok_declined")
    (failed,) = queries.failed_steps()
    assert (failed.order_id, failed.key, failed.state) == (order_id, "collect", "failed")
    assert "insufficient_funds" in failed.reason
    assert drain(AT + 100 * HOUR).tried == 0
    Order.objects.filter(id=order_id).update(payment_token="tok_ok")
    build.done(actions.retry([failed.state_id], actor="anna", at=AT + HOUR))
    drain(AT + HOUR)
    assert (state(order_id), bank.ledger.total("capture")) == ("closed", GROSS)
    assert violations() == {}


def test_a_declined_card_whose_owner_transfers_the_money_closes_by_itself(bank: PaymentSandbox) -> None:
    order_id = invoiced("tok_declined")
    (bill,) = bills(order_id)
    receipt = Receipt("bank_transfer", bill.gross, "EUR", AT.date(), "B-1", invoice_number=bill.number)
    build.done(billing.receive_payments([receipt], actor="anna", at=AT))
    drain()
    assert (state(order_id), bank.ledger.total("capture")) == ("closed", 0)
    assert queries.count_failed() == 0


def test_a_payment_in_doubt_waits_until_it_is_settled(bank: PaymentSandbox) -> None:
    order_id = invoiced("tok_capture_timeout")
    assert steps(order_id)["collect"] == "waiting"
    assert "doubt" in reason(order_id, "collect")
    assert drain(AT + HOUR).done.get("collect", 0) == 0
    assert bank.ledger.total("capture") == GROSS
    (doubt,) = invoices.attempts_in_doubt(AT + HOUR)
    build.done(billing.settle_in_doubt([doubt.id], actor="worker", at=AT + HOUR))
    drain(AT + HOUR + timedelta(minutes=1))
    assert (state(order_id), bank.ledger.total("capture")) == ("closed", GROSS)
    assert violations() == {}


def test_a_call_that_never_came_through_is_made_again(bank: PaymentSandbox) -> None:
    order_id = invoiced("tok_error_500")
    assert steps(order_id)["collect"] == "waiting"
    Order.objects.filter(id=order_id).update(payment_token="tok_ok")
    (doubt,) = invoices.attempts_in_doubt(AT + HOUR)
    build.done(billing.settle_in_doubt([doubt.id], actor="worker", at=AT + HOUR))
    drain(AT + HOUR)
    assert (state(order_id), bank.ledger.total("capture")) == ("closed", GROSS)
    assert violations() == {}
