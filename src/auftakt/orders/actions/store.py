"""Storing what was placed: lines, charges, fulfilment lines, the revision, and the journal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.orders.actions.placing import ZERO, PlacedLine, Placing, as_json, components
from auftakt.orders.queries import sql
from auftakt.orders.types import Captured, FulfilmentFacts
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.promising.types import Piece, Promise
from auftakt.values import new_ids

LINE = (
    "id", "order_id", "line_number", "external_line_id", "item_id", "unit_id", "unit_factor", "quantity", "released",
    "shipped", "cancelled", "requested_ship_on", "requested_arrival_on", "manual_kind", "manual_value", "manual_reason",
    "manual_by", "list_price", "unit_price", "tax_category", "tax_rate", "net", "tax", "gross", "waterfall",
)  # fmt: skip
CHARGE = (
    "id", "order_id", "kind", "name", "tax_category", "tax_rate", "net", "tax", "gross", "waterfall", "billed",
)  # fmt: skip
FULFILMENT = (
    "id", "order_id", "line_id", "item_id", "quantity", "base_quantity", "state", "site_id", "ship_on", "arrive_on",
    "first_arrive_on", "split_from_id", "promise",
)  # fmt: skip
REVISION = ("id", "order_id", "number", "at", "actor", "reason", "difference")


def store(secured: Sequence[Placing], promises: Mapping[UUID, Promise], *, actor: str, at: datetime) -> None:
    """Write everything below the heads: rows of new orders by COPY, rows of changed ones by one statement each."""
    _store_lines(secured)
    _store_charges(secured)
    _store_fulfilment_lines(secured, promises)
    submitted = [placing for placing in secured if placing.submits]
    ids = new_ids(len(submitted))
    insert_rows(
        "orders_revision",
        REVISION,
        [
            (key, placing.order_id, placing.revision, at, actor, "", _difference(placing))
            for key, placing in zip(ids, submitted, strict=True)
        ],
    )


def _difference(placing: Placing) -> str:
    return as_json(placing.difference.as_json()) if placing.was_submitted and placing.difference else "{}"


def _store_lines(secured: Sequence[Placing]) -> None:
    fresh: list[tuple[Any, ...]] = []
    changed: list[dict[str, Any]] = []
    dropped: list[UUID] = []
    given_up: list[UUID] = []
    for placing in secured:
        for line in placing.lines:
            if line.before is None:
                fresh.append((*_line(placing, line), as_json(line.waterfall)))
            else:
                changed.append(dict(zip(LINE, (*_line(placing, line), line.waterfall), strict=True)))
        if placing.before is not None and placing.difference is not None:
            removed = [line.id for line in placing.difference.removed]
            (given_up if placing.was_submitted else dropped).extend(removed)
    if dropped:
        sql.run("delete_lines", ids=dropped)
    insert_rows("orders_orderline", LINE, fresh)
    if changed:
        sql.run("update_lines", rows=as_json(changed))
    if given_up:
        sql.run("give_up_lines", ids=given_up)
        sql.run("end_cancelled_orders", ids=[placing.order_id for placing in secured if placing.was_submitted])


def _line(placing: Placing, line: PlacedLine) -> tuple[Any, ...]:
    screened, was = line.screened, line.before
    manual = screened.manual
    drawn = (was.released, was.shipped, was.cancelled) if was else (ZERO, ZERO, ZERO)
    adjusted = (manual.kind, manual.value, manual.reason, manual.by) if manual else ("", None, "", "")
    return (
        line.id, placing.order_id, line.line_number, screened.external_line_id, screened.item.id, screened.unit,
        screened.factor, screened.quantity, *drawn, screened.requested_ship_on, screened.requested_arrival_on,
        *adjusted, line.list_price, line.unit_price, line.tax_category, line.tax_rate, line.net, line.tax, line.gross,
    )  # fmt: skip


def _store_charges(secured: Sequence[Placing]) -> None:
    again = [placing.order_id for placing in secured if placing.before is not None]
    if again:
        sql.run("delete_unbilled_charges", orders=again)
    rows = [(placing.order_id, *charge) for placing in secured for charge in placing.charges]
    insert_rows(
        "orders_ordercharge",
        CHARGE,
        [
            (key, *row[:-1], as_json(components(row[-1])), False)
            for key, row in zip(new_ids(len(rows)), rows, strict=True)
        ],
    )


def _store_fulfilment_lines(secured: Sequence[Placing], promises: Mapping[UUID, Promise]) -> None:
    fresh: list[tuple[Any, ...]] = []
    again: list[tuple[Any, ...]] = []
    replaced: list[UUID] = []
    for placing in secured:
        for line in placing.lines:
            promise = promises.get(line.id)
            if promise is None:
                continue
            placing.unpromised += promise.unpromised > 0
            held: Sequence[FulfilmentFacts] = placing.before.served.get(line.id, ()) if placing.before else ()
            was_open = [piece.id for piece in held if piece.state == "open"]
            rows = fulfilment_rows(
                placing.order_id, line.id, line.screened.item.id, line.screened.factor, promise.pieces
            )
            if was_open:
                again.append(rows[0])
                fresh += rows[1:]
                replaced += was_open[1:]
            else:
                fresh += rows
    if again:
        update_fulfilment_lines(again, keep_first=False)
    if replaced:
        sql.run("replace_fulfilment_lines", ids=replaced)
    insert_rows("orders_fulfilmentline", FULFILMENT, fresh)


def fulfilment_rows(
    order_id: UUID,
    line_id: UUID,
    item_id: UUID,
    factor: Decimal,
    pieces: Sequence[Piece],
    split_from: UUID | None = None,
) -> list[tuple[Any, ...]]:
    """Pieces of a promise as rows of fulfilment lines; all but the first name the line they were split from."""
    rows: list[tuple[Any, ...]] = []
    for piece in pieces:
        rows.append(
            (
                piece.demand_id, order_id, line_id, item_id, piece.quantity / factor if factor != 1 else piece.quantity,
                piece.quantity, "open", piece.site_id, piece.ship_on, piece.arrive_on, piece.arrive_on,
                split_from if rows else None, as_json(dict(piece.reason)),
            )
        )  # fmt: skip
    return rows


def update_fulfilment_lines(rows: Sequence[tuple[Any, ...]], *, keep_first: bool) -> None:
    """Give fulfilment lines the quantities, source and dates of their new promise.

    `keep_first` keeps the first day that was promised, for the perfect-order facts; when the customer changed the
    order, the new day counts.
    """
    ids, _, _, items, quantities, bases, _, sites, ships, arrivals, _, _, reasons = columns(rows, len(FULFILMENT))
    sql.run(
        "update_fulfilment_lines",
        ids=ids, items=items, quantities=quantities, bases=bases, sites=sites, ships=ships, arrivals=arrivals,
        reasons=reasons, keep_first=keep_first,
    )  # fmt: skip


def write_down(secured: Sequence[Placing], *, actor: str, at: datetime) -> list[Captured]:
    """The journal rows of a batch, and what its members are told."""
    done: list[Captured] = []
    entries: dict[str, list[Entry]] = {"captured": [], "changed": [], "submitted": [], "revised": []}
    for placing in secured:
        facts = {"number": placing.number, "gross": str(placing.gross), "currency": placing.stands.currency}
        if placing.before is None:
            done.append(placing.captured("created"))
            said = {
                **facts, "source": placing.draft.source_system, "reference": placing.draft.external_reference,
                "filled_in": placing.stands.trace,
            }  # fmt: skip
            entries["captured"].append(Entry("order", placing.order_id, said))
        else:
            changed = placing.difference.as_json() if placing.difference else {}
            done.append(placing.captured("revised" if changed else "unchanged"))
            verb = "revised" if placing.was_submitted else "changed"
            if changed:
                said = {**facts, "revision": placing.revision, "difference": changed}
                entries[verb].append(Entry("order", placing.order_id, said))
        if placing.submits and not placing.was_submitted:
            said = {**facts, "lines": len(placing.lines), "unpromised": placing.unpromised}
            entries["submitted"].append(Entry("order", placing.order_id, said))
    told = [(f"order.{verb}", entry) for verb, written in entries.items() for entry in written]
    journal.write_all(told, actor=actor, at=at)
    return done
