"""Card and PayPal from authorisation to refund, through the real sandbox: attempts before calls, doubt, and its end."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from auftakt.billing import actions, queries
from auftakt.billing.actions import attempts as calls
from auftakt.billing.models import Invoice, Payment, PaymentAttempt, Posting
from auftakt.billing.tests.build import ACTOR, AT, Line, company, journal, order, shipments, violations
from auftakt.billing.types import CreditDraft, CreditPiece, Decision, Receipt, RefundDraft
from auftakt.channels.sandbox import PaymentSandbox, sandbox
from auftakt.orders.models import Order
from auftakt.parties.models import CreditLine
from auftakt.platform.plugs import plug

LATER = AT + timedelta(minutes=3)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bank(settings: Any) -> Iterator[PaymentSandbox]:
    with sandbox(hang_seconds=1.0) as running:
        point(settings, running.url)
        yield running
    plug.cache_clear()


def point(settings: Any, url: str) -> None:
    options = {"base_url": url, "api_key": "sandbox", "timeout_seconds": 0.3, "default_token": "tok_ok"}
    settings.AUFTAKT_PLUGS = {
        "payment": {
            "card": {"class": "auftakt.channels.payments.CardProvider", **options},
            "paypal": {"class": "auftakt.channels.payments.PayPalProvider", **options},
        }
    }
    plug.cache_clear()


def ordered(
    token: str = "tok_ok", method: str = "card", pieces: tuple[str, ...] = ("2", "1")
) -> tuple[Order, list[UUID]]:
    """An order of 357.00 gross, billed in pieces: 238.00 and 119.00."""
    made = order(company(limit="1000"), [Line("3", "300.00", "57.00", pieces)], method=method, token=token)
    return made, [actions.bill([key], actor=ACTOR, at=AT).one() for key in shipments(made)]


def states() -> list[tuple[str, str]]:
    return list(PaymentAttempt.objects.order_by("id").values_list("operation", "state"))


@pytest.mark.parametrize("method", ["card", "paypal"])
def test_authorise_once_and_capture_per_shipment(method: str, bank: PaymentSandbox) -> None:
    made, bills = ordered(method=method)
    (held,) = actions.authorise([made.id], actor=ACTOR, at=AT).done
    assert actions.authorise([made.id], actor=ACTOR, at=AT).done == (held,)
    assert actions.capture(bills, actor=ACTOR, at=AT).done == tuple(bills)
    assert states() == [("authorise", "succeeded"), ("capture", "succeeded"), ("capture", "succeeded")]
    assert sorted(Payment.objects.values_list("method", "amount")) == [(method, D("119.00")), (method, D("238.00"))]
    assert (bank.ledger.total("authorise"), bank.ledger.total("capture")) == (D("357.00"), D("357.00"))
    assert queries.billing_of_orders([made.id])[made.id].open_amount == 0
    assert CreditLine.objects.get().drawn == 0
    assert Posting.objects.filter(account="provider_clearing").count() == 2
    told = [(entry.change["operation"], entry.change["state"]) for entry in journal("billing.attempted")]
    assert told[:2] == [("authorise", "started"), ("authorise", "succeeded")]
    assert violations() == {}
    assert actions.capture(bills, actor=ACTOR, at=AT).done == tuple(bills)
    assert bank.ledger.total("capture") == D("357.00")


def test_collect_does_what_the_method_asks(bank: PaymentSandbox) -> None:
    made, bills = ordered()
    home = company("NOR")
    other = order(home, [Line("1", "100.00", "19.00", ("1",))], method="bank_transfer")
    waiting = actions.bill(shipments(other), actor=ACTOR, at=AT).one()
    done = actions.collect([*bills, waiting], actor=ACTOR, at=AT).done
    assert [(each.state, each.open_amount) for each in done] == [("paid", 0), ("paid", 0), ("waiting", D("119.00"))]
    assert bank.ledger.total("capture") == D("357.00")
    again = actions.collect([*bills, waiting], actor=ACTOR, at=AT).done
    assert [each.state for each in again] == ["paid", "paid", "waiting"]
    assert bank.ledger.total("authorise") == D("357.00")
    assert queries.attempts_of_orders([made.id])[0].state == "succeeded"
    assert violations() == {}


def test_a_decline_is_final_and_says_why(bank: PaymentSandbox) -> None:
    made, bills = ordered("tok_declined")
    (refusal,) = actions.authorise([made.id], actor=ACTOR, at=AT).refused
    assert (refusal.code, refusal.transient, refusal.subject) == ("payment_declined", False, str(made.id))
    assert "insufficient_funds" in refusal.message
    assert actions.capture(bills[:1], actor=ACTOR, at=AT).refused[0].code == "not_authorised"
    assert actions.collect(bills[:1], actor=ACTOR, at=AT).refused[0].code == "payment_declined"
    assert Payment.objects.count() == 0
    assert queries.attempts_in_doubt(LATER) == []
    assert violations() == {}


def test_a_time_out_is_in_doubt_blocks_a_repeat_and_is_settled_by_asking(bank: PaymentSandbox) -> None:
    made, bills = ordered("tok_capture_timeout", pieces=("3",))
    assert actions.authorise([made.id], actor=ACTOR, at=AT).done
    (refusal,) = actions.capture(bills, actor=ACTOR, at=AT).refused
    assert (refusal.code, refusal.transient) == ("payment_in_doubt", True)
    assert bank.ledger.total("capture") == D("357.00")  # it moved, and we do not know
    for verb in (actions.capture, actions.collect):
        (blocked,) = verb(bills, actor=ACTOR, at=AT).refused
        assert (blocked.code, blocked.findings[0].facts["state"]) == ("attempt_open", "in_doubt")
    assert bank.ledger.total("authorise") == D("357.00")
    assert Payment.objects.count() == 0
    (doubt,) = queries.attempts_in_doubt(AT)
    assert actions.settle_in_doubt([doubt.id], actor=ACTOR, at=AT).done == (doubt.id,)
    payment = Payment.objects.get()
    assert (payment.amount, payment.allocated, payment.attempt_id) == (D("357.00"), D("357.00"), doubt.id)
    assert queries.billing_of_orders([made.id])[made.id].open_amount == 0
    assert actions.settle_in_doubt([doubt.id], actor=ACTOR, at=AT).refused[0].code == "attempt_settled"
    assert actions.capture(bills, actor=ACTOR, at=AT).done == tuple(bills)
    assert bank.ledger.total("capture") == D("357.00")
    assert violations() == {}


@pytest.mark.parametrize("token", ["tok_capture_lost", "tok_capture_error_500"])
def test_what_the_provider_never_did_fails_once_that_is_certain(token: str, bank: PaymentSandbox) -> None:
    made, bills = ordered(token, pieces=("3",))
    assert actions.collect(bills, actor=ACTOR, at=AT).refused[0].code == "payment_in_doubt"
    (doubt,) = queries.attempts_in_doubt(AT)
    early = actions.settle_in_doubt([doubt.id], actor=ACTOR, at=AT).refused[0]
    assert (early.code, early.transient) == ("still_in_doubt", True)
    assert actions.settle_in_doubt([doubt.id], actor=ACTOR, at=LATER).done == (doubt.id,)
    assert states() == [("authorise", "succeeded"), ("capture", "failed")]
    assert queries.billing_of_orders([made.id])[made.id].open_amount == D("357.00")
    assert actions.collect(bills, actor=ACTOR, at=LATER).refused[0].code == "payment_in_doubt"  # a new attempt
    assert violations() == {}


def test_nobody_to_ask_leaves_it_in_doubt_until_a_person_decides(settings: Any, bank: PaymentSandbox) -> None:
    made, bills = ordered("tok_timeout", pieces=("3",))
    assert actions.authorise([made.id], actor=ACTOR, at=AT).refused[0].code == "payment_in_doubt"
    (doubt,) = queries.attempts_in_doubt(AT)
    point(settings, "http://127.0.0.1:1")
    assert actions.settle_in_doubt([doubt.id], actor=ACTOR, at=LATER).refused[0].code == "still_in_doubt"
    assert states() == [("authorise", "in_doubt")]
    bad = actions.decide_in_doubt([Decision(doubt.id, "succeeded", "")], actor="finn", at=LATER).refused[0]
    assert [finding.code for finding in bad.findings] == ["reason_missing", "reference_missing"]
    assert actions.decide_in_doubt([Decision(doubt.id, "perhaps", "asked")], actor="finn", at=LATER).refused
    decision = Decision(doubt.id, "failed", "the provider's hotline found nothing")
    assert actions.decide_in_doubt([decision], actor="finn", at=LATER).done == (doubt.id,)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.state, attempt.settled_by, attempt.reason) == ("failed", "finn", decision.reason)
    again = actions.decide_in_doubt([decision], actor="finn", at=LATER).refused[0]
    assert again.code == "attempt_settled"
    assert bills


def test_a_provider_out_of_reach_fails_and_can_be_tried_again(settings: Any, bank: PaymentSandbox) -> None:
    made, _ = ordered()
    point(settings, "http://127.0.0.1:1")
    (refusal,) = actions.authorise([made.id], actor=ACTOR, at=AT).refused
    assert (refusal.code, refusal.transient) == ("payment_failed", True)
    point(settings, bank.url)
    assert actions.authorise([made.id], actor=ACTOR, at=AT).done
    assert states() == [("authorise", "failed"), ("authorise", "succeeded")]


def test_a_crash_between_call_and_outcome_moves_money_once(
    bank: PaymentSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, bills = ordered(pieces=("3",))
    assert actions.authorise([made.id], actor=ACTOR, at=AT).done

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("auftakt.billing.actions.providers.conclude", die)
        with pytest.raises(KeyboardInterrupt):
            actions.capture(bills, actor=ACTOR, at=AT)
    assert bank.ledger.total("capture") == D("357.00")
    assert states()[-1] == ("capture", "started")
    assert actions.capture(bills, actor=ACTOR, at=AT).refused[0].code == "attempt_open"
    attempt = PaymentAttempt.objects.get(operation="capture")
    assert actions.settle_in_doubt([attempt.id], actor=ACTOR, at=AT).refused[0].code == "attempt_running"
    (lost,) = queries.attempts_in_doubt(LATER)
    assert actions.settle_in_doubt([lost.id], actor=ACTOR, at=LATER).done == (lost.id,)
    assert actions.capture(bills, actor=ACTOR, at=LATER).done == tuple(bills)
    assert bank.ledger.total("capture") == D("357.00")
    assert Payment.objects.get().amount == D("357.00")
    assert violations() == {}


def test_a_crash_before_the_call_moves_nothing_and_can_be_repeated(
    bank: PaymentSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, bills = ordered(pieces=("3",))
    assert actions.authorise([made.id], actor=ACTOR, at=AT).done

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("auftakt.billing.actions.providers.call", die)
        with pytest.raises(KeyboardInterrupt):
            actions.capture(bills, actor=ACTOR, at=AT)
    attempt = PaymentAttempt.objects.get(operation="capture")
    assert actions.settle_in_doubt([attempt.id], actor=ACTOR, at=LATER).done == (attempt.id,)
    assert states()[-1] == ("capture", "failed")
    assert actions.capture(bills, actor=ACTOR, at=LATER).done == tuple(bills)
    assert bank.ledger.total("capture") == D("357.00")
    assert violations() == {}


@pytest.mark.parametrize("method", ["card", "paypal"])
def test_a_refund_goes_back_the_way_it_came(method: str, bank: PaymentSandbox) -> None:
    _, bills = ordered(method=method, pieces=("3",))
    actions.collect(bills, actor=ACTOR, at=AT)
    payment = Payment.objects.get()
    early = actions.refund([RefundDraft(payment.id, D("1.00"), "returned")], actor=ACTOR, at=AT).refused[0]
    assert early.code == "account_overdrawn"
    line = Invoice.objects.get().lines.get()
    actions.credit([CreditDraft(bills[0], "returned", (CreditPiece(line.id, D("1")),))], actor=ACTOR, at=AT)
    assert actions.refund([RefundDraft(payment.id, D("119.00"), "returned")], actor=ACTOR, at=AT).done == (payment.id,)
    assert bank.ledger.total("refund") == D("119.00")
    back = Payment.objects.get(kind="refund")
    assert (back.amount, back.refunds_id, back.method) == (D("119.00"), payment.id, method)
    assert violations() == {}


def test_a_refund_in_doubt_sets_the_money_aside_and_a_declined_one_gives_it_back(bank: PaymentSandbox) -> None:
    for token, code, left in (
        ("tok_refund_timeout", "payment_in_doubt", "0"),
        ("tok_refund_declined", "payment_declined", "357"),
    ):
        made = order(company(token[-4:].upper()), [Line("1", "300.00", "57.00", ("1",))], method="card", token=token)
        bills = [actions.bill(shipments(made), actor=ACTOR, at=AT).one()]
        actions.collect(bills, actor=ACTOR, at=AT)
        payment = Payment.objects.get(order=made)
        actions.credit([CreditDraft(bills[0], "returned")], actor=ACTOR, at=AT)
        draft = RefundDraft(payment.id, D("357.00"), "returned")
        assert actions.refund([draft], actor=ACTOR, at=AT).refused[0].code == code
        assert queries.payments([payment.id])[payment.id].on_account == D(left)
        assert violations() == {}
    (doubt,) = queries.attempts_in_doubt(AT)
    assert actions.settle_in_doubt([doubt.id], actor=ACTOR, at=AT).done
    assert bank.ledger.total("refund") == D("357.00")
    assert Payment.objects.filter(kind="refund").count() == 1
    assert violations() == {}


def test_what_cannot_be_asked_of_a_provider_is_refused(settings: Any, bank: PaymentSandbox) -> None:
    made, bills = ordered(method="bank_transfer")
    assert actions.authorise([made.id, UUID(int=1)], actor=ACTOR, at=AT).refused[0].code == "method_without_provider"
    assert actions.authorise([UUID(int=1)], actor=ACTOR, at=AT).refused[0].code == "order_unknown"
    assert actions.capture(bills[:1], actor=ACTOR, at=AT).refused[0].code == "method_without_provider"
    assert actions.capture([UUID(int=1)], actor=ACTOR, at=AT).refused[0].code == "invoice_unknown"
    assert actions.collect([UUID(int=1)], actor=ACTOR, at=AT).refused[0].code == "invoice_unknown"
    card = order(company("NOR"), [Line("1", "1.00", "0.19", ("1",))], method="card", token="4111111111111111")
    assert actions.authorise([card.id], actor=ACTOR, at=AT).refused[0].code == "card_number_refused"
    Order.objects.filter(id=card.id).update(payment_token="tok_ok")
    settings.AUFTAKT_PLUGS = {"payment": {}}
    plug.cache_clear()
    assert actions.authorise([card.id], actor=ACTOR, at=AT).refused[0].code == "provider_unknown"
    assert states() == []


def test_money_received_by_hand_meanwhile_is_never_taken_again(bank: PaymentSandbox) -> None:
    _, bills = ordered(pieces=("3",))
    number = Invoice.objects.get().number
    receipt = Receipt("bank_transfer", D("357.00"), "EUR", date(2026, 3, 3), "B1", invoice_number=number)
    assert actions.receive_payments([receipt], actor=ACTOR, at=AT).done
    assert [each.state for each in actions.collect(bills, actor=ACTOR, at=AT).done] == ["paid"]
    assert states() == []


def test_many_who_capture_at_once_take_the_money_once(bank: PaymentSandbox) -> None:
    made, bills = ordered(pieces=("3",))
    assert actions.authorise([made.id], actor=ACTOR, at=AT).done
    codes: list[str] = []

    def run() -> None:
        try:
            outcome = actions.capture(bills, actor=ACTOR, at=AT)
            codes.append(outcome.refused[0].code if outcome.refused else "done")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in codes
    assert set(codes) <= {"done", "attempt_open"}
    assert len(codes) == 6
    assert bank.ledger.total("capture") == D("357.00")
    assert Payment.objects.count() == 1
    assert violations() == {}


def test_a_provider_is_never_called_inside_a_transaction(bank: PaymentSandbox) -> None:
    made, bills = ordered()
    for verb, keys in ((actions.authorise, [made.id]), (actions.capture, bills), (actions.collect, bills)):
        with pytest.raises(RuntimeError), transaction.atomic():
            verb(keys, actor=ACTOR, at=AT)
    assert states() == []
    assert bank.ledger.total("authorise") == 0


def test_calls_go_out_only_for_attempts_that_are_stored(bank: PaymentSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = ordered()
    seen: list[int] = []
    real = calls.call

    def watched(attempts: Any) -> Any:
        seen.append(PaymentAttempt.objects.filter(id__in=list(attempts), state="started").count())
        assert not transaction.get_connection().in_atomic_block
        return real(attempts)

    monkeypatch.setattr("auftakt.billing.actions.providers.call", watched)
    assert actions.authorise([made.id], actor=ACTOR, at=AT).done
    assert seen == [1]
