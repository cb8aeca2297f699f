"""Reads of the inventory: sites, stock now and at a past instant, supply, the ledger."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from auftakt.inventory import rules
from auftakt.inventory.rules import (
    add_working_days,
    counts_for,
    holiday_regions,
    next_working_day,
    public_holidays,
    working_days,
    working_flags,
)
from auftakt.inventory.types import (
    BucketFacts,
    CalendarException,
    CalendarFacts,
    CountLineFacts,
    CountListFacts,
    LotFacts,
    MoveFacts,
    PlaceFacts,
    ShelfFacts,
    SiteFacts,
    StockFacts,
)
from auftakt.platform.sql import Statements

__all__ = [
    "add_working_days", "bucket_rows", "buckets", "buckets_changed", "calendar_days", "calendars", "count_lines",
    "count_lists", "count_lots", "count_tolerances", "counts_for",
    "expired_lots",
    "free_of", "held_lots", "holiday_regions", "known_references",
    "list_stock", "lots", "lots_in_quarantine", "moved_lots", "moves", "next_working_day", "on_hand_buckets",
    "places", "public_holidays", "shelves", "sites", "sites_by_code", "stock", "stock_at", "supply",
    "working_days", "working_flags",
]  # fmt: skip

sql = Statements("auftakt.inventory")

BucketRow = tuple[UUID, UUID, UUID, str, date | None, Decimal, Decimal]
"""Id, item, site, kind, available on, quantity, drawn."""


def sites() -> list[SiteFacts]:
    """Every site, by code."""
    return [SiteFacts(*row) for row in sql.rows("list_sites")]


def sites_by_code(codes: Iterable[str]) -> dict[str, SiteFacts]:
    """The sites of these codes that exist."""
    wanted = set(codes)
    return {site.code: site for site in sites() if site.code in wanted}


def calendars() -> dict[str, CalendarFacts]:
    """Every working calendar with its exceptions, by code."""
    exceptions: dict[UUID, list[CalendarException]] = {}
    for calendar_id, *row in sql.rows("list_exceptions"):
        exceptions.setdefault(calendar_id, []).append(CalendarException(*row))
    return {row[1]: CalendarFacts(*row, tuple(exceptions.get(row[0], ()))) for row in sql.rows("list_calendars")}


def calendar_days(
    first: date, last: date, among: Iterable[CalendarFacts] | None = None
) -> dict[UUID, NDArray[np.bool_]]:  # fmt: skip
    """For each calendar (of those given, else of all), by id, whether work is done on each day of a horizon, both ends
    included."""
    known = calendars().values() if among is None else among
    return {each.id: rules.working_flags(each, first, last) for each in known}


def bucket_rows() -> tuple[list[BucketRow], int]:
    """Every bucket that can still be drawn from, and the horizon from which `buckets_changed` goes on.

    The horizon is taken first: a change that commits between the two reads is told again, never missed.
    """
    horizon = sql.value("snapshot_horizon")
    return sql.rows("bucket_rows"), horizon  # type: ignore[return-value]


def buckets_changed(since_tx: int) -> tuple[list[BucketRow], int]:
    """The state of every bucket written by a transaction from `since_tx` on, and the horizon to ask from next.

    Rows are absolute, and some come again: a follower that stores the latest state of each never misses a write,
    however late it commits.
    """
    rows = sql.rows("buckets_changed", since=str(since_tx))
    return [row[:7] for row in rows if row[0] is not None], rows[0][7]  # type: ignore[misc]


def stock(item_ids: Sequence[UUID] | None = None, site_ids: Sequence[UUID] | None = None) -> list[StockFacts]:
    """Stock and expected supply per item and site, by SKU and site code; None means all."""
    rows = sql.rows("stock", items=_list(item_ids), sites=_list(site_ids))
    return [StockFacts(*row) for row in rows]


def list_stock(
    text: str = "", site_id: UUID | None = None, after: tuple[str, str] | None = None, limit: int = 50
) -> list[StockFacts]:
    """A page of stock, items by part of SKU or name, after a position (SKU, site code)."""
    sku, site = after or ("", "")
    rows = sql.rows("list_stock", text=_escaped(text), site=site_id, after_sku=sku, after_site=site, limit=limit)
    return [StockFacts(*row) for row in rows]


def stock_at(
    instant: datetime, item_ids: Sequence[UUID] | None = None, site_ids: Sequence[UUID] | None = None
) -> dict[tuple[UUID, UUID], Decimal]:
    """What lay where at a past instant: (item, site) -> quantity in base units, from the ledger. Nothing is left out
    but zero."""
    rows = sql.rows("stock_at", instant=instant, items=_list(item_ids), sites=_list(site_ids))
    return {(item, site): quantity for item, site, quantity in rows}


def supply(item_ids: Sequence[UUID]) -> list[BucketFacts]:
    """The supply buckets of items that hold anything, soonest first."""
    return [BucketFacts(*row) for row in sql.rows("list_buckets", items=list(item_ids))]


def buckets(bucket_ids: Sequence[UUID] = (), reference_ids: Sequence[UUID] = ()) -> dict[UUID, BucketFacts]:
    """Buckets by their id, found by id or by what brings them."""
    rows = sql.rows("buckets_by_id", ids=list(bucket_ids), references=list(reference_ids))
    return {row[0]: BucketFacts(*row) for row in rows}


def moves(
    item_id: UUID, site_id: UUID | None = None, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[MoveFacts]:
    """The ledger of an item, latest first, before a position (instant, id)."""
    at, key = before or (None, None)
    rows = sql.rows("list_moves", item=item_id, site=site_id, before_at=at, before_id=key, limit=limit)
    return [MoveFacts(*row) for row in rows]


def places(site_id: UUID, item_ids: Iterable[UUID] | None = None) -> dict[UUID, PlaceFacts]:
    """The bins that items lie in at a site, by item, in the order they are walked past."""
    rows = sql.rows("list_places", site=site_id, items=None if item_ids is None else list(item_ids))
    return {row[0]: PlaceFacts(*row) for row in rows}


def shelves(
    site_id: UUID, *, first: str = "", last: str = "", item_ids: Iterable[UUID] | None = None, limit: int = 500
) -> list[ShelfFacts]:
    """What lies in the bins of a site, in the order they are walked past: all, from bin to bin, or of some items."""
    items = None if item_ids is None else list(item_ids)
    rows = sql.rows("list_shelves", site=site_id, first=first, last=last, items=items, limit=limit)
    return [ShelfFacts(*row) for row in rows]


def _list(ids: Sequence[UUID] | None) -> list[UUID] | None:
    return None if ids is None else list(ids)


def _escaped(text: str) -> str:
    return text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def known_references(reference_ids: Sequence[UUID]) -> set[UUID]:
    """Which of the references have caused a move already."""
    return {reference for (reference,) in sql.rows("known_references", references=list(reference_ids))}


def on_hand_buckets(pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], UUID]:
    """The bucket of what is on hand of items at sites (item, site), where there ever was any."""
    wanted = sorted(set(pairs))
    rows = sql.rows("on_hand_buckets", items=[item for item, _ in wanted], sites=[site for _, site in wanted])
    return {(item, site): bucket for item, site, bucket in rows}


def free_of(bucket_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What of buckets nobody holds, as of this moment."""
    return dict(sql.rows("free_of_buckets", ids=list(bucket_ids)))  # type: ignore[arg-type]


def lots(
    item_ids: Iterable[UUID] | None = None, site_id: UUID | None = None, lot_ids: Iterable[UUID] | None = None
) -> dict[UUID, list[LotFacts]]:
    """Lots that lie somewhere (in the stock of one site), by item, those that expire first in front."""
    rows = sql.rows(
        "lots_at_places", items=None if item_ids is None else list(item_ids),
        lots=None if lot_ids is None else list(lot_ids), site=site_id,
    )  # fmt: skip
    found: dict[UUID, list[LotFacts]] = {}
    for row in rows:
        found.setdefault(row[1], []).append(LotFacts(*row))
    return found


def lots_in_quarantine(reference_ids: Iterable[UUID]) -> dict[UUID, dict[str, Decimal]]:
    """What waits for its inspection by what it came with (the line of a purchase order): number -> quantity."""
    found: dict[UUID, dict[str, Decimal]] = {}
    for reference, number, quantity in sql.rows("lots_in_quarantine", references=list(reference_ids)):
        found.setdefault(reference, {})[number] = quantity
    return found


def count_lines(
    ids: Iterable[UUID] | None = None, *, list_id: UUID | None = None, state: str | None = None,
    site_id: UUID | None = None, limit: int = 1000,
) -> dict[UUID, CountLineFacts]:  # fmt: skip
    """Lines of count lists, by id, in the order somebody walks past them."""
    wanted = None if ids is None else list(ids)
    rows = sql.rows(
        "count_lines", ids=wanted, list=list_id, state=state, site=site_id, limit=limit if wanted is None else None
    )
    return {row[0]: CountLineFacts(*row) for row in rows}


def count_lists(site_id: UUID | None = None, *, ended: bool = False, limit: int = 200) -> list[CountListFacts]:
    """Count lists with something left to count, those due first in front; with `ended` all."""
    return [CountListFacts(*row) for row in sql.rows("count_lists", site=site_id, all=ended, limit=limit)]


def count_lots(line_ids: Iterable[UUID]) -> dict[UUID, list[tuple[str, Decimal]]]:
    """By how much lots were found to differ, by the line of the count."""
    found: dict[UUID, list[tuple[str, Decimal]]] = {}
    for line, number, difference, _ in sql.rows("lots_of_counts", lines=list(line_ids)):
        found.setdefault(line, []).append((number, difference))
    return found


def count_tolerances() -> dict[UUID, tuple[Decimal, Decimal]]:
    """How far counts may differ, by site: percent and value."""
    return {site: (percent, value) for site, percent, value in sql.rows("tolerances")}


def held_lots(references: Iterable[UUID]) -> dict[UUID, list[tuple[str, Decimal]]]:
    """What was picked of lots, by what it was picked for: (number, quantity)."""
    found: dict[UUID, list[tuple[str, Decimal]]] = {}
    for reference, number, quantity, _ in sql.rows("held_lots", references=list(references)):
        found.setdefault(reference, []).append((number, quantity))
    return found


def moved_lots(
    references: Iterable[UUID], reason: str
) -> dict[tuple[UUID, UUID], list[tuple[str, Decimal, date | None]]]:
    """The lots that moved with something for a reason, by reference and item: (number, quantity, expires on)."""
    found: dict[tuple[UUID, UUID], list[tuple[str, Decimal, date | None]]] = {}
    for reference, item, *lot in sql.rows("lots_of_references", references=list(references), reason=reason):
        found.setdefault((reference, item), []).append(tuple(lot))
    return found


def expired_lots(at: datetime, limit: int = 1000) -> list[tuple[UUID, UUID, UUID, Decimal]]:
    """What lies in stock of lots that have expired and is picked for nobody: lot, item, site, quantity."""
    return sql.rows("expired_lots", at=at, limit=limit)  # type: ignore[return-value]
