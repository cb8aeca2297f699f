"""Orders on their way, seen from orchestration."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

import psycopg
from django.db import connection
from tests import build

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.types import InvoiceFacts, Receipt
from auftakt.cli.verify import checks
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment import queries as warehouse
from auftakt.fulfilment.types import Packing, ParcelDraft, Picked, Shipping
from auftakt.orchestration import actions, queries
from auftakt.orchestration.types import Advanced
from auftakt.orders import queries as orders
from auftakt.orders.types import FulfilmentFacts

AT = build.AT
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BY: dict[str, Any] = {"actor": "worker", "at": AT}


def company(**values: Any) -> build.Company:
    """The tiny company with the default policies, and nothing in the journal left to read."""
    made = build.company(**values)
    build.done(actions.install_default_policies(**BY))
    drain()
    return made


def drain(at: datetime = AT) -> Advanced:
    return actions.drain(actor="worker", at=at)


def steps(order_id: UUID) -> dict[str, str]:
    """State of each step of an order of one line, by key, in the order reached."""
    found = queries.steps_of_orders([order_id])
    return {step.key: step.state for step in sorted(found, key=lambda step: (step.reached_at, step.state_id))}


def counted(order_id: UUID) -> Counter[tuple[str, str]]:
    return Counter((step.key, step.state) for step in queries.steps_of_orders([order_id]))


def reason(order_id: UUID, key: str) -> str:
    return next(step.reason for step in queries.steps_of_orders([order_id]) if step.key == key)


def pieces(order_id: UUID) -> list[FulfilmentFacts]:
    found = orders.fulfilment_lines(order_ids=[order_id]).values()
    return sorted((piece for piece in found if piece.quantity), key=lambda piece: piece.id)


def state(order_id: UUID) -> str:
    return orders.orders([order_id])[order_id].state


def releases(order_id: UUID, *states: str) -> list[UUID]:
    found = warehouse.releases(order_ids=[order_id]).values()
    return [each.id for each in found if each.state in (states or ("released",))]


def ship(order_id: UUID, at: datetime = AT) -> None:
    """Everything released is picked, packed and handed to the carrier."""
    ids = releases(order_id)
    build.done(fulfilment.pick_whole(ids, actor="walter", at=at))
    build.done(fulfilment.pack([Packing(key, (ParcelDraft(Decimal(5)),)) for key in ids], actor="walter", at=at))
    build.done(fulfilment.ship([Shipping(key, "dhl", f"T{key}") for key in ids], actor="walter", at=at))


def pick_short(order_id: UUID, taken: str, at: datetime = AT) -> None:
    """The shelf holds only so much of the one pick of an order."""
    (release,) = releases(order_id)
    (pick,) = warehouse.picks([release])[release]
    build.done(fulfilment.pick([Picked(pick.id, Decimal(taken))], actor="walter", at=at))


def bills(order_id: UUID) -> list[InvoiceFacts]:
    return sorted(invoices.invoices_of_orders([order_id]).get(order_id, ()), key=lambda each: each.number)


def pay(order_id: UUID, at: datetime = AT) -> None:
    """A bank transfer for each open invoice."""
    receipts = [
        Receipt("bank_transfer", each.open_amount, each.currency, at.date(), f"B-{each.number}",
                invoice_number=each.number)
        for each in bills(order_id)
        if each.open_amount > 0
    ]  # fmt: skip
    build.done(billing.receive_payments(receipts, actor="anna", at=at))


def violations() -> dict[str, tuple[int, str | None]]:
    return {check.name: (check.violations, check.example) for check in checks() if check.violations}


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all in threads, each with a connection of its own."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, works))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements run in the block, in order; savepoints are left out, COPY is in."""
    seen: list[str] = []
    copy = psycopg.Cursor.copy

    def noted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            seen.append(" ".join(sql.split())[:90])
        return execute(sql, params, many, context)

    def noted_copy(cursor: Any, statement: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(statement)[:90])
        return copy(cursor, statement, *args, **kwargs)

    with connection.execute_wrapper(noted), patch.object(psycopg.Cursor, "copy", noted_copy):
        yield seen
