"""Reads of purchase orders: heads, lines, and what is still to come."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from auftakt.platform.sql import Statements
from auftakt.supply.types import EXPECTING, ApprovalLimit, Purchase, PurchaseFacts, PurchaseLineFacts

sql = Statements("auftakt.supply")


def heads_and_lines(
    order_ids: Sequence[UUID],
) -> tuple[dict[UUID, PurchaseFacts], dict[UUID, PurchaseLineFacts]]:
    """Purchase orders and all their lines, each by its id."""
    heads = {row[0]: PurchaseFacts(*row) for row in sql.rows("purchase_heads", ids=list(order_ids))}
    lines = {row[0]: PurchaseLineFacts(*row) for row in sql.rows("purchase_lines", ids=[], orders=list(order_ids))}
    return heads, lines


def purchases(order_ids: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Purchase orders with their lines, by id."""
    heads, lines = heads_and_lines(order_ids)
    by_order: dict[UUID, list[PurchaseLineFacts]] = defaultdict(list)
    for line in lines.values():
        by_order[line.purchase_order_id].append(line)
    return {key: Purchase(head, tuple(by_order[key])) for key, head in heads.items()}


def list_purchases(
    text: str = "",
    *,
    states: Sequence[str] | None = None,
    supplier_id: UUID | None = None,
    site_id: UUID | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[PurchaseFacts]:
    """A page of purchase orders, latest first, before a serial. `text` is found in number, supplier and items; the
    state `open` means all in which goods are expected."""
    if states is not None and "open" in states:
        states = [*states, *EXPECTING]
    rows = sql.rows(
        "list_purchases",
        text=_escaped(text),
        states=None if states is None else list(states),
        supplier=supplier_id,
        site=site_id,
        before=before,
        limit=limit,
    )
    return [PurchaseFacts(*row) for row in rows]


def lines(line_ids: Sequence[UUID]) -> dict[UUID, PurchaseLineFacts]:
    """Lines by id; a bucket's `reference_id` is the id of the line that brings it."""
    return {row[0]: PurchaseLineFacts(*row) for row in sql.rows("purchase_lines", ids=list(line_ids), orders=[])}


def expected_lines(
    site_id: UUID | None = None,
    item_ids: Sequence[UUID] | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 100,
) -> list[PurchaseLineFacts]:
    """What is still to come, soonest first, after a position (expected on, line id)."""
    day, key = after or (None, None)
    items = None if item_ids is None else list(item_ids)
    rows = sql.rows("expected_lines", site=site_id, items=items, after_on=day, after_id=key, limit=limit)
    return [PurchaseLineFacts(*row) for row in rows]


def _escaped(text: str) -> str:
    return text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def approval_limits() -> list[ApprovalLimit]:
    """Up to which values orders need no special right to be approved, by currency."""
    return [ApprovalLimit(*row) for row in sql.rows("approval_limits")]
