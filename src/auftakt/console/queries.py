"""What the screens read: joins over many floors, one statement each. The console writes nothing."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from auftakt.orders.queries import list_orders, timeline
from auftakt.orders.types import OrderFilter
from auftakt.platform.sql import Statements

sql = Statements("auftakt.console")
PAGE = 50
FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list and the cursor of the next page; an empty cursor says that there is no more."""

    rows: Sequence[Any]
    after: str = ""


def cursor(*position: object) -> str:
    """A position in a list, as it travels in an address."""
    return base64.urlsafe_b64encode(json.dumps([str(value) for value in position]).encode()).decode().rstrip("=")


def position(text: str, width: int) -> list[str] | None:
    """The position a cursor names; None for none, or one that is not ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    return values if isinstance(values, list) and len(values) == width else None


def page(rows: list[Any], limit: int, *keys: str) -> Page:
    """Cut the row that was read too much, and name where the next page begins."""
    if len(rows) <= limit:
        return Page(rows)
    last = rows[limit - 1]
    return Page(rows[:limit], cursor(*(getattr(last, key) for key in keys)))


def like(text: str) -> dict[str, str]:
    """Patterns for a typed word: anywhere, and at the beginning."""
    plain = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"text": text.strip(), "like": f"%{plain}%", "start": f"{plain}%"}


def failed_orders(after: str = "", limit: int = PAGE) -> Page:
    """Orders with a step that failed, newest first."""
    start = position(after, 2)
    rows = sql.records(
        "failed_orders",
        limit=limit + 1,
        before_at=datetime.fromisoformat(start[0]) if start else None,
        before_id=UUID(start[1]) if start else None,
    )
    return page(rows, limit, "ordered_at", "id")


def measures(order_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The five beats of orders, each a share of 0 to 1, and the day the next piece arrives."""
    names = ("promised", "released", "shipped", "billed", "paid", "arrives_on")
    return {
        row.id: {name: getattr(row, name) for name in names}
        for row in sql.records("order_measures", ids=list(order_ids))
    }


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything the order page shows."""

    head: Any
    lines: Sequence[Any]
    pieces: Sequence[Any]
    pegs: Sequence[Any]
    charges: Sequence[Any]
    holds: Sequence[Any]
    shipments: Sequence[Any]
    tracking: Sequence[Any]
    releases: Sequence[Any]
    invoices: Sequence[Any]
    payments: Sequence[Any]
    attempts: Sequence[Any]
    steps: Sequence[Any]
    documents: Sequence[Any]
    journal: Sequence[Any]
    measure: dict[str, Any]


def order_page(order_id: UUID, *, today: date) -> OrderPage | None:
    """An order with all that hangs on it: a fixed number of statements whatever its size."""
    head = sql.records("order_head", id=order_id)
    if not head:
        return None
    subjects = [row[0] for row in sql.rows("order_subjects", id=order_id)]
    named = {
        name: sql.records(f"order_{name}", id=order_id)
        for name in (
            "lines",
            "pieces",
            "pegs",
            "charges",
            "holds",
            "shipments",
            "tracking",
            "releases",
            "payments",
            "attempts",
            "steps",
        )
    }
    for name, column in (("lines", "waterfall"), ("charges", "waterfall"), ("pieces", "promise")):
        named[name] = [row._replace(**{column: loaded(getattr(row, column))}) for row in named[name]]
    return OrderPage(
        head=head[0],
        invoices=sql.records("order_invoices", id=order_id, today=today),
        documents=sql.records("order_documents", subjects=subjects),
        journal=timeline(order_id, limit=200),
        measure=measures([order_id]).get(order_id, {}),
        **named,
    )


def loaded(value: Any) -> Any:
    """A JSON column as it comes out of named SQL."""
    return json.loads(value) if isinstance(value, str) else value


def first_id(moment: datetime) -> UUID:
    """The lowest id that can have been made at or after an instant (UUIDv7: milliseconds come first)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def home(*, today: date, midnight: datetime) -> dict[str, Any]:
    """Counts that need somebody, today's flow, the work of each site, the newest orders."""
    return {
        "counts": sql.records("home_counts", today=today)[0],
        "flow": sql.records("home_flow", today=today, midnight=midnight, first=first_id(midnight))[0],
        "sites": sql.records("bench_counts", today=today),
        "newest": sql.records("newest_orders", limit=8),
    }


def find(text: str) -> dict[str, list[Any]]:
    """What the palette offers for a typed word, by kind."""
    words = like(text)
    return {
        "orders": sql.records("find_orders", text=words["text"], start=words["start"].upper()),
        "shipments": sql.records("find_shipments", text=words["text"], start=words["start"].upper()),
        "invoices": sql.records("find_invoices", start=words["start"].upper()),
        "customers": customer_options(text, limit=5),
        "items": item_options(text, limit=5),
    }


def customer_options(text: str, limit: int = 12) -> list[Any]:
    """Customers for a combobox."""
    words = like(text)
    return sql.records("pick_customers", like=words["like"], start=words["start"], limit=limit)


def item_options(text: str, limit: int = 12) -> list[Any]:
    """Active items for a combobox."""
    return sql.records("pick_items", **like(text), limit=limit)


def bench(site_id: UUID, state: str, limit: int = 60) -> list[dict[str, Any]]:
    """Releases of a site in a state, with their picks and parcels."""
    releases = sql.records("releases_in", site=site_id, state=state, limit=limit)
    ids = [row.id for row in releases]
    picks, parcels = _by_release("picks_of", ids), _by_release("parcels_of", ids)
    return [{"release": row, "picks": picks.get(row.id, []), "parcels": parcels.get(row.id, [])} for row in releases]


def _by_release(name: str, ids: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in sql.records(name, releases=ids) if ids else []:
        found.setdefault(row.release_id, []).append(row)
    return found


def to_release(site_id: UUID, limit: int = 300) -> list[Any]:
    """Lines of a site that may be released now."""
    return sql.records("to_release", site=site_id, limit=limit)


def stock(text: str, site: UUID | None, only_short: bool, after: str = "", limit: int = PAGE) -> Page:
    """Stock by item and site: `limit` items, each with its sites."""
    start = position(after, 1)
    rows = sql.records(
        "stock_rows",
        text=like(text)["text"],
        like=like(text)["like"],
        site=site,
        only_short=only_short,
        after=start[0] if start else "",
        limit=limit + 1,
    )
    skus = list(dict.fromkeys(row.sku for row in rows))
    if len(skus) <= limit:
        return Page(rows)
    return Page([row for row in rows if row.sku != skus[-1]], cursor(skus[limit - 1]))


def items(text: str, kind: str, state: str, after: str = "", limit: int = PAGE) -> Page:
    """Items by number."""
    start = position(after, 1)
    words = like(text)
    rows = sql.records(
        "item_rows",
        text=words["text"],
        like=words["like"],
        kind=kind,
        state=state,
        after=start[0] if start else "",
        limit=limit + 1,
    )
    return page(rows, limit, "sku")


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item with its stock, supply, moves, holders and prices."""

    head: Any
    units: Sequence[Any]
    components: Sequence[Any]
    relations: Sequence[Any]
    prices: Sequence[Any]
    stock: Sequence[Any]
    buckets: Sequence[Any]
    moves: Sequence[Any]
    holders: Sequence[Any]
    past: Sequence[Any]


def item_page(sku: str, *, past_at: datetime | None) -> ItemPage | None:
    """Everything about one item; with `past_at` also its stock at that instant."""
    head = sql.records("item_by_sku", sku=sku)
    if not head:
        return None
    item = head[0].id
    named = {
        name: sql.records(f"item_{name}", item=item)
        for name in ("units", "components", "relations", "prices", "stock", "buckets", "holders")
    }
    past = sql.records("item_stock_at", item=item, instant=past_at) if past_at else []
    return ItemPage(head=head[0], moves=sql.records("item_moves", item=item, limit=40), past=past, **named)


def customers(text: str, segment: str, status: str, after: str = "", limit: int = PAGE) -> Page:
    """Customers by name."""
    start = position(after, 2)
    rows = sql.records(
        "customer_rows",
        **like(text),
        segment=segment,
        status=status,
        limit=limit + 1,
        after_name=start[0] if start else "",
        after_id=UUID(start[1]) if start else FIRST_ID,
    )
    return page(rows, limit, "name", "id")


def segments() -> list[str]:
    """The segments in use."""
    return [row[0] for row in sql.rows("segments")]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A customer's account."""

    head: Any
    addresses: Sequence[Any]
    contacts: Sequence[Any]
    owes: Sequence[Any]
    on_account: Sequence[Any]
    orders: Sequence[Any]
    measures: dict[UUID, dict[str, Any]]


def customer_page(number: str, *, today: date) -> CustomerPage | None:
    """A customer with addresses, contacts, what is owed, and the newest orders."""
    head = sql.records("customer_by_number", number=number)
    if not head:
        return None
    party = head[0].id
    newest = list_orders(OrderFilter(customer_number=number), limit=10).rows
    return CustomerPage(
        head[0],
        sql.records("customer_addresses", party=party),
        sql.records("customer_contacts", party=party),
        sql.records("customer_owes", party=party, today=today),
        sql.records("customer_on_account", party=party),
        newest,
        measures([row.id for row in newest]),
    )


def payment_terms() -> list[Any]:
    """Codes and names of payment terms."""
    return sql.records("terms")


def invoices(
    text: str, standing: str, customer: UUID | None, *, today: date, after: str = "", limit: int = PAGE
) -> Page:
    """Invoices and credit notes, newest first."""
    start = position(after, 1)
    rows = sql.records(
        "invoice_rows",
        **like(text),
        standing=standing,
        customer=customer,
        today=today,
        limit=limit + 1,
        before=UUID(start[0]) if start else LAST_ID,
    )
    return page(rows, limit, "id")


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """An invoice or credit note."""

    head: Any
    lines: Sequence[Any]
    taxes: Sequence[Any]
    allocations: Sequence[Any]
    credit_notes: Sequence[Any]
    on_account: Sequence[Any]
    documents: Sequence[Any]


def invoice_page(invoice_id: UUID, *, today: date) -> InvoicePage | None:
    """Everything about one invoice."""
    head = sql.records("invoice_by_id", id=invoice_id, today=today)
    if not head:
        return None
    named = {
        name: sql.records(f"invoice_{name}", id=invoice_id)
        for name in ("lines", "taxes", "allocations", "credit_notes", "on_account")
    }
    return InvoicePage(head=head[0], documents=sql.records("order_documents", subjects=[invoice_id]), **named)


def attempts(state: str, after: str = "", limit: int = PAGE) -> Page:
    """Calls to payment providers, newest first."""
    start = position(after, 1)
    rows = sql.records("attempt_rows", state=state, before=UUID(start[0]) if start else LAST_ID, limit=limit + 1)
    return page(rows, limit, "id")


def site_by_code(code: str) -> Any | None:
    """A site, or None."""
    found = sql.records("site_by_code", code=code)
    return found[0] if found else None


def sites() -> list[Any]:
    """All sites by code."""
    return sql.records("sites")


def site_work(*, today: date) -> list[Any]:
    """Work per site."""
    return sql.records("bench_counts", today=today)


def carriers(site_id: UUID) -> list[str]:
    """Carriers that serve a site's lanes."""
    return [row[0] for row in sql.rows("site_carriers", site=site_id)]


def release(release_id: UUID) -> Any | None:
    """A release, or None."""
    found = sql.records("release_by_id", id=release_id)
    return found[0] if found else None


def beginning(day: date, zone: Any) -> datetime:
    """The first instant of a day in a time zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
