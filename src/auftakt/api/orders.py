"""Orders come in, singly and in bulk."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from auftakt.api.bodies import Body, Day, Instant, Number, Whole, body_of, drafted
from auftakt.api.bulk import Results, Row, bulk
from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, refused
from auftakt.api.registry import Answered, operation
from auftakt.api.statements import sql
from auftakt.orders import actions, queries
from auftakt.orders.types import Captured, LineDraft, OrderDraft, Preview
from auftakt.parties.types import AddressDraft
from auftakt.pricing.types import ManualAdjustment
from auftakt.values import Finding, Refusal

router = Router(tags=["orders"])
Address: Any = body_of(AddressDraft, "is_default_bill_to", "is_default_ship_to", "as_given", "label")
_PLACES = {"external_line_id": "line", "manual": "adjustment"}
EXAMPLE = """{"source_system": "shop", "external_reference": "W-1001", "customer_number": "C-1",
 "lines": [{"sku": "BIKE", "quantity": "1"}, {"sku": "HELMET", "quantity": 2}]}"""


class Adjustment(Body):
    """A price changed by hand: `percent` off, `amount` off each unit, or a new unit `price`; with a reason."""

    kind: str
    value: Number
    reason: str


class OrderLine(Body):
    """What is ordered of an item. `line` is the line's id in your system; empty: its position. `reservations` are
    turned into the line's promise when the order is submitted."""

    sku: str
    quantity: Number
    unit: str = ""
    line: str = ""
    requested_ship_on: Day | None = None
    requested_arrival_on: Day | None = None
    adjustment: Adjustment | None = None
    reservations: tuple[UUID, ...] = Field(default=(), max_length=100)


class Order(Body):
    """An order. What is empty is filled in from the customer. `submit` false keeps it as a draft."""

    source_system: str
    external_reference: str = Field(min_length=1)
    customer_number: str
    lines: tuple[OrderLine, ...]
    channel: str = "api"
    currency: str = ""
    bill_to_id: UUID | None = None
    bill_to: Address | None = None  # pyright: ignore
    ship_to_id: UUID | None = None
    ship_to: Address | None = None  # pyright: ignore
    payment_terms: str = ""
    payment_method: str = ""
    payment_token: str = ""
    price_list_code: str = ""
    customer_reference: str = ""
    requested_ship_on: Day | None = None
    requested_arrival_on: Day | None = None
    not_before_on: Day | None = None
    split_dates: bool = True
    split_sites: bool = True
    priority: Whole = 100
    notes: str = ""
    ordered_at: Instant | None = None
    legal_entity_code: str = ""
    submit: bool = True


_HEAD = [name for name in Order.model_fields if name not in ("lines", "submit", "bill_to", "ship_to")]


def order_draft(body: Order, raw: Any, caller: Caller) -> OrderDraft:
    """The draft of an order; `raw` is kept as it was received."""
    lines = tuple(
        LineDraft(
            line.sku, line.quantity, line.unit, line.line, line.requested_ship_on, line.requested_arrival_on,
            ManualAdjustment(line.adjustment.kind, line.adjustment.value, line.adjustment.reason, caller.actor)
            if line.adjustment
            else None,
            line.reservations,
        )
        for line in body.lines
    )  # fmt: skip
    head = {name: getattr(body, name) for name in _HEAD}
    return OrderDraft(lines=lines, bill_to=drafted(body.bill_to), ship_to=drafted(body.ship_to), received=raw, **head)


def adjustment_findings(body: Order, caller: Caller) -> list[Finding]:
    """Prices are changed by hand only by those who may."""
    if caller.may("orders.adjust_price"):
        return []
    text = f"Changing a price needs the permission orders.adjust_price, which {caller.name} does not have."
    return [
        Finding("permission_missing", text, f"/lines/{index}/adjustment", {"permission": "orders.adjust_price"})
        for index, line in enumerate(body.lines)
        if line.adjustment
    ]


def at_body(refusal: Refusal) -> Refusal:
    """The refusal with its places in the words of the body."""
    return replace(refusal, findings=tuple(_at_body(each) for each in refusal.findings))


def _at_body(finding: Finding) -> Finding:
    parts = finding.place.split("/")
    told = "/".join(_PLACES.get(part, part) for part in parts)
    return finding if told == finding.place else replace(finding, place=told)


def showing(preview: Preview) -> Preview:
    """A preview with its places in the words of the body."""
    return replace(preview, findings=tuple(_at_body(each) for each in preview.findings))


def etag(revision: int, state: str, mark: str) -> str:
    """The version of an order, for If-Match."""
    return f'"{revision}-{state}-{mark[:16]}"'


def order_answer(order_id: UUID, result: str, status: int = 200) -> Answered:
    """An order as it stands after a verb."""
    _, revision, state, mark, text = sql.rows("read_order_answers", ids=[order_id])[0]
    body = f'{{"result":{json.dumps(result)},{text[1:]}'.encode()
    return Answered(body, status, {"ETag": etag(revision, state, mark), "Location": f"/api/v1/orders/{order_id}"})


@operation(router.post, "/orders", needs="orders.edit", example=EXAMPLE)
def capture_order(caller: Caller, request: HttpRequest, order: Order) -> Answered:
    """Take in an order.

    201 when it is new; 200 when it was known: `unchanged`, or `revised` with other content. An order is known by its
    source system and external reference. All problems are named at once, and then nothing was stored.
    """
    barred = adjustment_findings(order, caller)
    if barred:
        raise Problem(403, barred[0].code, barred[0].message, findings=barred)
    draft = order_draft(order, request.parsed, caller)  # type: ignore[attr-defined]
    outcome = actions.capture([draft], submit=order.submit, actor=caller.actor, at=caller.at, roles=caller.roles)
    if outcome.refused:
        raise refused(map(at_body, outcome.refused))
    captured: Captured = outcome.done[0]
    return order_answer(captured.order_id, captured.result, 201 if captured.result == "created" else 200)


@operation(router.post, "/orders/bulk", needs="orders.edit", takes=Order, bulk=True, example=EXAMPLE.replace("\n", ""))
def capture_orders(caller: Caller, request: HttpRequest, results: Results = "all") -> Answered:
    """Take in many orders, one JSON object on each line (NDJSON).

    A thousand at a time go in together. A bad line is refused with its findings, and the others go in.
    """

    def work(rows: list[Row]) -> None:
        for submit in (True, False):
            chosen = [row for row in rows if row.body.submit is submit]
            if chosen:
                _capture_rows(chosen, caller, submit=submit)

    return bulk(request, Order, work, results)


def _capture_rows(rows: Sequence[Row], caller: Caller, *, submit: bool) -> None:
    good: list[Row] = []
    for row in rows:
        barred = adjustment_findings(row.body, caller)
        if barred:
            row.refuse(barred)
        else:
            good.append(row)
    drafts = [order_draft(row.body, row.raw, caller) for row in good]
    outcome = actions.capture(drafts, submit=submit, actor=caller.actor, at=caller.at, roles=caller.roles)
    for each in outcome.done:
        good[each.index].done(each.result, id=str(each.order_id), number=each.number, state=each.state)
    for refusal in outcome.refused:
        good[int(refusal.subject)].refuse(at_body(refusal).findings)


def mark_of(order_id: UUID) -> str | None:
    """The current ETag of an order; None when there is none."""
    rows = sql.rows("read_order_marks", ids=[order_id])
    return etag(*rows[0][1:]) if rows else None


def known_order(key: str) -> UUID:
    """The id of the order that an address names, by id or by number; raises Problem 404."""
    try:
        return UUID(key)
    except ValueError:
        found = queries.find_order(key)
    if found is None:
        raise Problem(404, "unknown_order", f"There is no order {key!r}.", order=key)
    return found
