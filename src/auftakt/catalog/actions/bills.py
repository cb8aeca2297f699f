"""Bills of material: what items are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries, rules
from auftakt.catalog.types import BillDraft, ItemFacts
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.platform.turns import take_turn
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.catalog")
_LINE = ("id", "bill_id", "position", "component_id", "quantity", "scrap_percent", "valid_from", "valid_to")
Row = tuple[UUID, Decimal, Decimal, date | None, date | None]


@dataclass(slots=True)
class _Work:
    """A bill to be saved, its components as rows."""

    index: int
    draft: BillDraft
    item: ItemFacts
    bill_id: UUID
    rows: list[Row] = field(default_factory=list)
    stored: list[Row] | None = None


def save_bills(drafts: Sequence[BillDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Make bills of material what the drafts say; one without lines ends. Done: the ids of the items, in input order.

    The same again changes nothing. Refusals (subject: the index in the batch) name every problem: `unknown_item`,
    `item_not_stocked`, `component_unknown`, `component_not_stocked`, `component_twice`, `quantity_not_positive`,
    `scrap_out_of_range`, `period_ends_before_it_starts`, `bill_twice`, and `bill_circular`, which names the way on
    which an item would go into itself, at whatever plant or time.
    """
    tidy = [_tidy(draft) for draft in drafts]
    items = queries.items_by_sku({sku for draft in tidy for sku in (draft.sku, *(line.sku for line in draft.lines))})
    with transaction.atomic(savepoint=False):
        take_turn("catalog:bills")
        works, refused = _read(tidy, items)
        barred = _circular(works)
        refused += [Refusal(str(index), (finding,)) for index, finding in barred.items()]
        good = [work for work in works if work.index not in barred]
        _write([work for work in good if work.rows != (work.stored or [])], actor, at)
    return Outcome(
        tuple(work.item.id for work in good), tuple(sorted(refused, key=lambda refusal: int(refusal.subject)))
    )


def _tidy(draft: BillDraft) -> BillDraft:
    lines = tuple(replace(line, sku=line.sku.strip()) for line in draft.lines)
    return replace(draft, sku=draft.sku.strip(), plant=draft.plant.strip(), lines=lines)


def _read(drafts: Sequence[BillDraft], items: Mapping[str, ItemFacts]) -> tuple[list[_Work], list[Refusal]]:
    """What makes sense of the drafts, with the bills as they stand."""
    named = [items[draft.sku].id for draft in drafts if draft.sku in items]
    stored: dict[tuple[str, str], tuple[UUID, list[Row]]] = {}
    for bill_id, sku, plant, *row in sql.rows("bills_to_save", items=named):
        rows = stored.setdefault((sku, plant), (bill_id, []))[1]
        if row[0] is not None:
            rows.append(tuple(row))  # type: ignore[arg-type]
    works: list[_Work] = []
    refused: list[Refusal] = []
    seen: set[tuple[str, str]] = set()
    for index, (draft, fresh) in enumerate(zip(drafts, new_ids(len(drafts)), strict=True)):
        findings = rules.bill_findings(draft, items)
        if (draft.sku, draft.plant) in seen:
            findings.append(Finding("bill_twice", f"The bill of {draft.sku} is in this batch already.", "/sku"))
        seen.add((draft.sku, draft.plant))
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
            continue
        known = stored.get((draft.sku, draft.plant))
        rows: list[Row] = [
            (items[line.sku].id, line.quantity, line.scrap_percent, line.valid_from, line.valid_to)
            for line in draft.lines
        ]
        works.append(
            _Work(index, draft, items[draft.sku], known[0] if known else fresh, rows, known[1] if known else None)
        )
    return works, refused


def _circular(works: Sequence[_Work]) -> dict[int, Finding]:
    """Bills by which an item would go into itself, with the way it goes."""
    wished = [(work.bill_id, work.item.id, {row[0] for row in work.rows}) for work in works]
    begin = {item for _, item, parts in wished for item in (item, *parts)}
    stored = {row[0]: (row[1], set(row[2])) for row in sql.rows("bills_below", items=sorted(begin))}
    ways = rules.circles(wished, stored)
    if not ways:
        return {}
    skus = dict(sql.rows("skus_of", ids=sorted({item for way in ways.values() for item in way})))
    found: dict[int, Finding] = {}
    for place, way in ways.items():
        work, path = works[place], " → ".join(skus[item] for item in way)
        message = f"{work.draft.sku} would go into itself: {path}. Take one of them out."
        parts = [row[0] for row in work.rows]
        at = f"/lines/{parts.index(way[1])}/sku" if way[1] in parts else "/sku"
        found[work.index] = Finding("bill_circular", message, at, {"path": path})
    return found


def _write(works: Sequence[_Work], actor: str, at: datetime) -> None:
    known = [work.bill_id for work in works if work.stored is not None]
    if known:
        sql.run("delete_bill_lines", bills=known)
    ended = [work.bill_id for work in works if work.stored is not None and not work.rows]
    if ended:
        sql.run("delete_bills", bills=ended)
    heads = [(work.bill_id, work.item.id, work.draft.plant) for work in works if work.stored is None and work.rows]
    insert_rows("catalog_bill", ("id", "item_id", "plant"), heads)
    rows = [(work.bill_id, position, *row) for work in works for position, row in enumerate(work.rows, 1)]
    insert_rows("catalog_billline", _LINE, [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)])
    entries = [
        Entry(
            "item",
            work.item.id,
            {
                "sku": work.draft.sku,
                "plant": work.draft.plant,
                "components": [{"sku": line.sku, "quantity": line.quantity} for line in work.draft.lines],
            },
        )
        for work in works
    ]
    journal.write("item.bill_saved", entries, actor=actor, at=at)
