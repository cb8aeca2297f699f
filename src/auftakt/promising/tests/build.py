"""Sites, items, stock and purchase orders for tests, through public verbs."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft, UnitDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as inventory_queries
from auftakt.inventory.types import Receipt, SiteDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from auftakt.platform.sql import Statements
from auftakt.promising import actions
from auftakt.promising.types import Demand, LaneDraft, Promise
from auftakt.supply import actions as supply
from auftakt.supply import queries as supply_queries
from auftakt.supply.types import PurchaseDraft, PurchaseLineDraft
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ON = date(2026, 3, 2)
BY: dict[str, Any] = {"actor": "test", "at": AT}


def network(**transit: int) -> dict[str, UUID]:
    """Sites by code with the days they take to Germany."""
    drafts = [SiteDraft(code, f"Site {code}", "distribution_centre", "DE") for code in transit]
    ids = inventory.save_sites(drafts, **BY)
    assert not ids.refused
    lanes = [LaneDraft(code, "DE", days, carrier="post", cost=Decimal("4.90")) for code, days in transit.items()]
    assert not actions.save_lanes(lanes, **BY).refused
    return dict(zip(transit, ids.done, strict=True))


def items(*skus: str) -> list[UUID]:
    """Stocked items, active."""
    catalog.save_units([UnitDraft("each", "Each")], **BY)
    made = catalog.save_items([ItemDraft(sku=sku, name=sku, unit="each") for sku in skus], **BY)
    assert not made.refused
    catalog.activate(made.done, **BY)
    return list(made.done)


def stock(*rows: tuple[str, str, int]) -> None:
    """On hand: (site, sku, quantity)."""
    receipts = [Receipt(site, sku, Decimal(quantity)) for site, sku, quantity in rows]
    assert not inventory.receive(receipts, **BY).refused


def purchase(site: str, sku: str, quantity: int, days: int) -> UUID:
    """A purchase order line expected in `days`."""
    parties.save_parties([PartyDraft("S1", "Supplier", is_customer=False, is_supplier=True)], **BY)
    line = PurchaseLineDraft(sku, Decimal(quantity), ON + timedelta(days=days))
    order = supply.order_purchases([PurchaseDraft("S1", site, "EUR", ON, (line,))], **BY).one()
    return supply_queries.purchases([order])[order].lines[0].id


def demand(item: UUID, quantity: int, **more: Any) -> Demand:
    """A demand for a plain item in Germany."""
    return Demand(new_id(), item, ((item, Decimal(1)),), Decimal(quantity), country="DE", **more)


def promise(*demands: Demand) -> list[Promise]:
    return actions.promise(demands, on=ON, **BY)


def buckets(item: UUID) -> list[tuple[str, str, Decimal, Decimal]]:
    """The supply of an item: (site, kind, quantity, drawn)."""
    found = inventory_queries.supply([item])
    return sorted((each.site_code, each.kind, each.quantity, each.drawn) for each in found)


def faults() -> list[str]:
    """What the statements that prove the balances find."""
    wrong: list[str] = []
    for capability in ("inventory", "promising"):
        sql = Statements(f"auftakt.{capability}")
        for name in sql.texts:
            if name.startswith("verify_"):
                violations, _, example = sql.rows(name)[0]
                wrong += [f"{name}: {example}"] if violations else []
    return wrong


def count_statements(run: Callable[[], object]) -> int:
    watch: AbstractContextManager[CaptureQueriesContext] = CaptureQueriesContext(connection)
    with watch as seen:
        run()
    return len(seen)


def quantities(promises: Sequence[Promise]) -> Decimal:
    """How much is promised in all."""
    return sum((piece.quantity for each in promises for piece in each.pieces if piece.site_id), Decimal(0))
