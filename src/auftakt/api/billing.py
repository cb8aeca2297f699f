"""Invoices, credit notes, payments, attempts at payment providers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.orders import known_order
from auftakt.api.pages import Cursor, Limit, Text, cut, day_of, key_of, read_cursor, several, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.billing import actions, queries
from auftakt.billing.types import (
    Aging,
    AllocationDraft,
    AttemptFacts,
    Authorised,
    Collected,
    CreditDraft,
    Decision,
    InvoiceFacts,
    InvoiceFilter,
    InvoicePage,
    PaymentFacts,
    Receipt,
    RefundDraft,
)
from auftakt.orders import queries as orders
from auftakt.parties import queries as parties

router = Router(tags=["billing"])


@dataclass(frozen=True, slots=True)
class BillWish:
    """Shipments to be invoiced."""

    shipment_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class RefundWish:
    """How much of a payment is returned, and why. `reference` names an outgoing transfer."""

    amount: Decimal
    reason: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class DecisionWish:
    """What became of an attempt in doubt: succeeded, declined or failed, and how you know."""

    state: Literal["succeeded", "declined", "failed"]
    reason: str
    provider_reference: str = ""


def _customer(number: str) -> UUID | None:
    if not number:
        return None
    found = parties.customers_by_number([number])
    if number not in found:
        raise Problem(422, "unknown_customer", f"There is no customer {number!r}.")
    return found[number].id


@operation(router.get, "/invoices", needs="billing.view", answers=InvoiceFacts, page=True)
def list_invoices(
    caller: Caller, kind: Text = "", state: Annotated[str, Query(description="open or overdue")] = "",
    customer: Text = "",
    order_id: UUID | None = None, number: Text = "", cursor: Cursor = "", limit: Limit = 50,
) -> Page:  # fmt: skip
    """List invoices and credit notes, the newest first. `customer` is a number."""
    if state not in ("", "open", "overdue"):
        raise Problem(422, "parameter_invalid", f"state is open or overdue, not {state!r}.")
    wanted = InvoiceFilter(kind, state, caller.today, _customer(customer), order_id, number)
    rows = queries.list_invoices(wanted, read_cursor(cursor, day_of, key_of), limit + 1)  # type: ignore[arg-type]
    return cut(rows, limit, lambda row: [row.issued_on, row.id])


@operation(router.get, "/invoices/{uuid:invoice_id}", needs="billing.view", answers=InvoicePage)
def get_invoice(caller: Caller, invoice_id: UUID) -> InvoicePage:
    """Get an invoice or credit note with its lines, taxes and payments."""
    found = queries.invoice_page(invoice_id)
    if found is None:
        raise missing("invoice", invoice_id)
    return found


@operation(router.post, "/invoices", needs="billing.work", answers=dict[str, Any])
def bill_shipments(caller: Caller, body: BillWish) -> dict[str, object]:
    """Invoice shipments. This happens by itself where a policy says so."""
    outcome = actions.bill(body.shipment_ids, actor=caller.actor, at=caller.at)
    return several(outcome)


saves(
    router, "/credit-notes", name="credit_note", what="Credit an invoice, whole or in part, with a reason.",
    needs="billing.work", takes=CreditDraft, verb=actions.credit,
    subject=lambda draft: str(draft.invoice_id),
)  # fmt: skip


@operation(router.get, "/payments", needs="billing.view", answers=PaymentFacts, page=True)
def list_payments(
    caller: Caller, customer: Text = "", on_account: bool = False, cursor: Cursor = "", limit: Limit = 50
) -> Page:
    """List payments and refunds, the newest first. `on_account`: those of which something is left to use."""
    after = read_cursor(cursor, day_of, key_of)
    rows = queries.list_payments(
        customer_id=_customer(customer),
        on_account=on_account,
        after=after,
        limit=limit + 1,  # type: ignore[arg-type]
    )
    return cut(rows, limit, lambda row: [row.received_on, row.id])


@operation(router.get, "/payments/{uuid:payment_id}", needs="billing.view", answers=PaymentFacts)
def get_payment(caller: Caller, payment_id: UUID) -> PaymentFacts:
    """Get a payment or refund."""
    found = queries.payments([payment_id])
    if payment_id not in found:
        raise missing("payment", payment_id)
    return found[payment_id]


saves(
    router, "/payments", name="payment", needs="billing.work", takes=Receipt, verb=actions.receive_payments,
    subject=lambda draft: draft.reference,
    what="Book money received for an invoice, an order or a customer. Known by method and reference: booked once.",
)  # fmt: skip
saves(
    router, "/allocations", name="allocation", what="Use money on a customer's account for an invoice.",
    needs="billing.work", takes=AllocationDraft, verb=actions.allocate, subject=lambda draft: str(draft.payment_id),
)  # fmt: skip


@operation(router.post, "/payments/{uuid:payment_id}/refunds", needs="billing.work", speaks=True,
    answers=dict[str, str]
)  # fmt: skip
def refund_payment(caller: Caller, payment_id: UUID, body: RefundWish) -> dict[str, str]:
    """Return money on a customer's account the way it came."""
    wish = RefundDraft(payment_id, body.amount, body.reason, body.reference)
    single(actions.refund([wish], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.get, "/orders/{order}/invoices", needs="billing.view", answers=InvoiceFacts, page=True)
def list_order_invoices(order: str) -> Page:
    """Invoices and credit notes of an order, in the order issued."""
    key = known_order(order)
    if key not in orders.orders([key]):
        raise missing("order", order)
    return Page(queries.invoices_of_orders([key])[key])


@operation(router.get, "/orders/{order}/payments", needs="billing.view", answers=PaymentFacts, page=True)
def list_order_payments(order: str) -> Page:
    """Payments and refunds that belong to an order, or settle one of its invoices."""
    key = known_order(order)
    if key not in orders.orders([key]):
        raise missing("order", order)
    return Page(queries.payments_of_order(key))


@operation(router.post, "/orders/{order}/authorise", needs="billing.work", speaks=True, answers=Authorised)
def authorise_order(caller: Caller, order: str) -> Authorised:
    """Put a hold on what an order costs, at the provider of its payment method."""
    return single(actions.authorise([known_order(order)], actor=caller.actor, at=caller.at))


@operation(router.post, "/invoices/{uuid:invoice_id}/collect", needs="billing.work", speaks=True, answers=Collected)
def collect_invoice(caller: Caller, invoice_id: UUID) -> Collected:
    """See to the money for an invoice in the way its order is paid: a card is charged, a transfer is waited for."""
    return single(actions.collect([invoice_id], actor=caller.actor, at=caller.at))


@operation(
    router.get, "/orders/{uuid:order_id}/payment-attempts", needs="billing.view", answers=AttemptFacts, page=True
)
def list_order_attempts(caller: Caller, order_id: UUID) -> Page:
    """List every call to a payment provider for an order, in the order made."""
    if order_id not in orders.orders([order_id]):
        raise missing("order", order_id)
    return Page(queries.attempts_of_orders([order_id]))


@operation(router.get, "/payment-attempts/in-doubt", needs="billing.view", answers=AttemptFacts, page=True)
def list_attempts_in_doubt(caller: Caller, limit: Limit = 100) -> Page:
    """List attempts whose outcome nobody knows, the oldest first."""
    return Page(queries.attempts_in_doubt(caller.at, limit))


@operation(router.post, "/payment-attempts/{uuid:attempt_id}/settle", needs="billing.work", speaks=True,
    answers=dict[str, str]
)  # fmt: skip
def settle_attempt(caller: Caller, attempt_id: UUID) -> dict[str, str]:
    """Ask the provider what became of an attempt in doubt."""
    single(actions.settle_in_doubt([attempt_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/payment-attempts/{uuid:attempt_id}/decide", needs="billing.work",
    answers=dict[str, str]
)  # fmt: skip
def decide_attempt(caller: Caller, attempt_id: UUID, body: DecisionWish) -> dict[str, str]:
    """Say what became of an attempt in doubt, as a person found out."""
    decision = Decision(attempt_id, body.state, body.reason, body.provider_reference)
    single(actions.decide_in_doubt([decision], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.get, "/open-items", needs="billing.view", answers=Aging, page=True)
def list_open_items(caller: Caller, customer: Text = "", limit: Limit = 200) -> Page:
    """List what customers owe by days overdue, the largest total first."""
    return Page(queries.aging(caller.today, _customer(customer), limit))
