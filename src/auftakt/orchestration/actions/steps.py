"""What each kind of step does: one verb of a lower floor for the whole batch, and a verdict for each line.

Every handler looks at the facts first and acts on what is still to be done, so trying a step twice changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.billing import actions as billing
from auftakt.fulfilment import actions as fulfilment
from auftakt.orchestration.queries import sql
from auftakt.orchestration.rules import missed
from auftakt.orchestration.types import Position, Verdict
from auftakt.orders import actions as orders
from auftakt.values import Refusal

DONE = Verdict("done")
BACK = Verdict("back", "The warehouse gave the line back.")
CANCELLED = Verdict("waiting", "The line was cancelled.")

Handler = Callable[[Sequence[Position], str, datetime], Mapping[UUID, Verdict]]
Invoices = dict[UUID, list[tuple[UUID, Decimal]]]


def _facts(batch: Sequence[Position]) -> dict[UUID, Any]:
    lines = [position.fulfilment_line_id for position in batch]
    return {row.id: row for row in sql.records("line_facts", lines=lines)}


def _by_refusal(position: Position, refusal: Refusal, at: datetime) -> Verdict:
    """A refusal that may pass is tried again with back-off; one that will not waits for a person."""
    return missed(refusal.message, at, position.attempts, passing=refusal.transient)


def reserve(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
    """Done when the line has a day to ship. Otherwise promise it again, and wait for supply."""
    facts = _facts(batch)
    missing = [key for key, line in facts.items() if line.state == "open" and line.ship_on is None]
    promised: set[UUID] = set()
    if missing:
        promised = set(orders.repromise(missing, actor=actor, at=at).done)
    verdicts: dict[UUID, Verdict] = {}
    for position in batch:
        line = facts[position.fulfilment_line_id]
        if line.state == "cancelled":
            verdicts[position.state_id] = CANCELLED
        elif line.ship_on is not None or position.fulfilment_line_id in promised:
            verdicts[position.state_id] = DONE
        else:
            verdicts[position.state_id] = Verdict("waiting", "No supply can be promised yet.")
    return verdicts


WAITING_CODES = {
    "order_on_hold": "The order is on hold.",
    "not_on_hand": "The supply promised has not arrived yet.",
    "site_closed": "The site is closed.",
}


def release(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
    """Hand lines to their site on the day they are to ship, when their supply is there and nothing holds the order."""
    facts = _facts(batch)
    verdicts: dict[UUID, Verdict] = {}
    due: list[Position] = []
    for position in batch:
        line = facts[position.fulfilment_line_id]
        if line.state == "cancelled":
            verdicts[position.state_id] = CANCELLED
        elif line.state != "open":
            verdicts[position.state_id] = DONE
        elif line.ship_on is None:
            verdicts[position.state_id] = BACK
        elif line.on_hold:
            verdicts[position.state_id] = Verdict("waiting", WAITING_CODES["order_on_hold"])
        elif line.ship_on > at.date():
            start = datetime.combine(line.ship_on, time.min, UTC)
            verdicts[position.state_id] = Verdict("ready", f"To be released on {line.ship_on}.", start)
        else:
            due.append(position)
    if not due:
        return verdicts
    outcome = fulfilment.release([position.fulfilment_line_id for position in due], actor=actor, at=at)
    refused = {refusal.subject: refusal for refusal in outcome.refused}
    for position in due:
        refusal = refused.get(str(position.fulfilment_line_id))
        if refusal is None:
            verdicts[position.state_id] = DONE
        elif refusal.code in WAITING_CODES:
            verdicts[position.state_id] = Verdict("waiting", refusal.message)
        else:
            verdicts[position.state_id] = _by_refusal(position, refusal, at)
    return verdicts


def ship(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
    """Wait for the warehouse. A line that came back (recalled, short picked) is reserved again."""
    facts = _facts(batch)
    told = {"shipped": DONE, "open": BACK, "cancelled": CANCELLED}
    waiting = Verdict("waiting", "In the warehouse.")
    return {p.state_id: told.get(facts[p.fulfilment_line_id].state, waiting) for p in batch}


def perform(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
    """Wait until somebody reports the service as done."""
    facts = _facts(batch)
    waiting = Verdict("waiting", "To be performed.")
    return {p.state_id: DONE if facts[p.fulfilment_line_id].state == "shipped" else waiting for p in batch}


def invoice(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
    """Bill the shipments that carried the lines, whole shipments at a time."""
    lines = [position.fulfilment_line_id for position in batch]
    shipments = {row.fulfilment_line_id: row for row in sql.records("line_shipments", lines=lines)}
    to_bill = sorted({row.shipment_id for row in shipments.values() if row.to_bill})
    refused: dict[str, Refusal] = {}
    if to_bill:
        outcome = billing.bill(to_bill, actor=actor, at=at)
        refused = {refusal.subject: refusal for refusal in outcome.refused}
    verdicts: dict[UUID, Verdict] = {}
    for position in batch:
        row = shipments.get(position.fulfilment_line_id)
        refusal = refused.get(str(row.shipment_id)) if row else None
        if row is None:
            reason = "The line has no shipment to bill."
            verdicts[position.state_id] = Verdict("failed", reason, is_failure=True)
        elif refusal:
            verdicts[position.state_id] = _by_refusal(position, refusal, at)
        else:
            verdicts[position.state_id] = DONE
    return verdicts


PROVIDERS = ("card", "paypal")


def collect(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
    """Wait until the line's invoices are settled; for card and PayPal, fetch the money. Calls outside systems."""
    lines = [position.fulfilment_line_id for position in batch]
    facts = _facts(batch)
    before = _open_invoices(lines)
    to_fetch = sorted(
        {
            invoice_id
            for line in lines
            for invoice_id, amount in before.get(line, ())
            if amount > 0 and facts[line].payment_method in PROVIDERS
        }
    )
    refused: dict[str, Refusal] = {}
    if to_fetch:
        outcome = billing.collect(to_fetch, actor=actor, at=at)
        refused = {refusal.subject: refusal for refusal in outcome.refused}
    after = _open_invoices(lines) if to_fetch else before
    return {position.state_id: _collected(position, after, refused, at) for position in batch}


def look_again(batch: Sequence[Position], at: datetime) -> Mapping[UUID, Verdict]:
    """Of steps about to wait for payment, those that need not any more: paid meanwhile, or free to be tried again."""
    invoices = _open_invoices([position.fulfilment_line_id for position in batch])
    facts = _facts(batch)
    busy = {row[0] for row in sql.rows("orders_with_open_attempts", orders=[each.order_id for each in batch])}
    verdicts: dict[UUID, Verdict] = {}
    for position in batch:
        line = position.fulfilment_line_id
        if all(amount <= 0 for _, amount in invoices.get(line, ())):
            verdicts[position.state_id] = DONE
        elif facts[line].payment_method in PROVIDERS and position.order_id not in busy:
            verdicts[position.state_id] = Verdict("ready", "The earlier attempt is settled.", at)
    return verdicts


def _open_invoices(lines: Sequence[UUID]) -> Invoices:
    found: Invoices = {}
    for line, invoice_id, amount in sql.rows("line_invoices", lines=list(lines)):
        found.setdefault(line, []).append((invoice_id, amount))
    return found


def _collected(position: Position, invoices: Invoices, refused: Mapping[str, Refusal], at: datetime) -> Verdict:
    mine = [invoice_id for invoice_id, amount in invoices.get(position.fulfilment_line_id, ()) if amount > 0]
    if not mine:
        return DONE
    refusal = next((refused[str(invoice_id)] for invoice_id in mine if str(invoice_id) in refused), None)
    if refusal is None:
        return Verdict("waiting", "Waiting for payment.")
    if refusal.code in ("payment_in_doubt", "attempt_open"):
        return Verdict("waiting", refusal.message)
    return _by_refusal(position, refusal, at)


HANDLERS: Mapping[str, Handler] = {
    "reserve": reserve,
    "release": release,
    "ship": ship,
    "perform": perform,
    "invoice": invoice,
}
OUTSIDE: Mapping[str, Handler] = {"collect": collect}
