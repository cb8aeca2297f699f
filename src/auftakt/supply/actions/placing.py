"""Placing purchase orders: each line becomes expected supply in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import ExpectedSupply, SiteFacts
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import serials
from auftakt.platform.sql import Statements, insert_rows
from auftakt.supply import queries, rules
from auftakt.supply.types import EXPECTING, PurchaseDraft, PurchaseLineDraft, SupplierItemFacts
from auftakt.values import Finding, Outcome, Refusal, new_id, new_ids

sql = Statements("auftakt.supply")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line in base units."""

    item: ItemFacts
    quantity: Decimal
    unit_cost: Decimal
    expected_on: date
    over_percent: Decimal
    under_percent: Decimal
    inspects: bool


@dataclass(frozen=True, slots=True)
class _Placing:
    """A draft whose names have been looked up."""

    index: int
    id: UUID
    number: str
    supplier_id: UUID
    site_id: UUID
    draft: PurchaseDraft
    lines: tuple[_Line, ...]

    def facts(self) -> tuple[object, ...]:
        """What never changes after placing."""
        items, ordered = [line.item.id for line in self.lines], [line.quantity for line in self.lines]
        return self.supplier_id, self.site_id, self.draft.currency, self.draft.ordered_on, items, ordered


@dataclass(frozen=True, slots=True)
class _Known:
    """What the drafts of a batch name."""

    suppliers: Mapping[str, tuple[UUID, bool, str]]
    sites: Mapping[str, SiteFacts]
    items: Mapping[str, ItemFacts]
    terms: Mapping[tuple[UUID, UUID], SupplierItemFacts]


def order_purchases(drafts: Sequence[PurchaseDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Place purchase orders in the state they say: `draft` binds nobody, `approved` and `sent` are expected supply. Who
    places one as sent has decided elsewhere; what is worked out here begins as a draft. Done: their ids in input order.

    A number that exists with the same supplier, site, currency, day, items and quantities is done already and changes
    nothing; with other ones it is refused. Refusals (subject: the index in the batch) name every problem:
    `supplier_unknown`, `supplier_blocked`, `site_unknown`, `site_closed`, `item_unknown`, `item_not_stocked`,
    `unit_unknown`, `quantity_not_positive`, `quantity_fractional`, `currency_unknown`, `lines_missing`,
    `expected_before_ordered`, `cost_out_of_range`, `purchase_number_taken`, `state_unknown`, `terms_missing` where a
    cost or a day is left out that no terms of the supplier tell, `tolerance_out_of_range`.
    """
    known = _look_up(drafts)
    placings: list[_Placing] = []
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        read = _read(index, draft, known)
        if isinstance(read, _Placing):
            placings.append(read)
        else:
            refused.append(Refusal(str(index), tuple(read)))
    with transaction.atomic(savepoint=False):
        ids, taken = _place(placings, actor, at) if placings else ({}, [])
    refused.extend(taken)
    return Outcome(
        tuple(ids[index] for index in sorted(ids)), tuple(sorted(refused, key=lambda each: int(each.subject)))
    )


def _look_up(drafts: Sequence[PurchaseDraft]) -> _Known:
    rows = sql.rows("find_suppliers", numbers=sorted({draft.supplier_number for draft in drafts}))
    suppliers = {number: (key, is_supplier, status) for number, key, is_supplier, status in rows}
    items = catalog.items_by_sku(sorted({line.sku for draft in drafts for line in draft.lines}))
    pairs = {
        (suppliers[draft.supplier_number][0], items[line.sku].id)
        for draft in drafts
        for line in draft.lines
        if draft.supplier_number in suppliers and line.sku in items
    }
    sites = stock.sites_by_code({draft.site_code for draft in drafts})
    return _Known(suppliers, sites, items, queries.terms_of(pairs))


def _read(index: int, draft: PurchaseDraft, known: _Known) -> _Placing | list[Finding]:
    """The draft with its names looked up, or everything that is wrong with it."""
    findings = rules.head_findings(draft)
    supplier = known.suppliers.get(draft.supplier_number)
    if supplier is None or not supplier[1]:
        message = f"{draft.supplier_number} is not the number of a supplier"
        findings.append(Finding("supplier_unknown", message, "/supplier_number"))
    elif supplier[2] == "blocked":
        message = f"supplier {draft.supplier_number} is blocked; unblock it first"
        findings.append(Finding("supplier_blocked", message, "/supplier_number"))
    site = known.sites.get(draft.site_code)
    if site is None:
        findings.append(Finding("site_unknown", f"site {draft.site_code} is unknown; check its code", "/site_code"))
    elif not site.is_open:
        findings.append(Finding("site_closed", f"site {site.code} is closed; open it first", "/site_code"))
    lines = [_read_line(number, draft, known, findings) for number in range(len(draft.lines))]
    if findings or supplier is None or site is None:
        return findings
    whole = tuple(line for line in lines if line is not None)
    return _Placing(index, new_id(), draft.number.strip(), supplier[0], site.id, draft, whole)


def _read_line(number: int, draft: PurchaseDraft, known: _Known, findings: list[Finding]) -> _Line | None:
    line, place = draft.lines[number], f"/lines/{number}"
    item = known.items.get(line.sku)
    if item is None:
        findings.append(Finding("item_unknown", f"item {line.sku} is unknown; check its SKU", f"{place}/sku"))
        return None
    if item.kind != "stocked":
        message = f"item {item.sku} is a {item.kind} and is not kept in stock"
        findings.append(Finding("item_not_stocked", message, f"{place}/sku"))
        return None
    if not (line.quantity.is_finite() and line.quantity > 0):
        message = f"the quantity must be above zero, not {line.quantity}"
        findings.append(Finding("quantity_not_positive", message, f"{place}/quantity"))
        return None
    base = catalog.base_quantity(item, line.quantity, line.unit, f"{place}/quantity")
    if isinstance(base, Finding):
        findings.append(base)
        return None
    if findings:
        return None
    terms = known.terms.get((known.suppliers[draft.supplier_number][0], item.id))
    return _on_terms(draft, line, item, base, terms, place, findings)


def _on_terms(
    draft: PurchaseDraft,
    line: PurchaseLineDraft,
    item: ItemFacts,
    base: Decimal,
    terms: SupplierItemFacts | None,
    place: str,
    findings: list[Finding],
) -> _Line | None:
    """The line with what it leaves out taken from the supplier's terms."""
    cost = rules.base_cost(line.unit_cost, item.units[line.unit or item.unit]) if line.unit_cost is not None else None
    expected_on = line.expected_on
    if terms:
        if cost is None:
            cost = rules.price_at(terms.prices, base, draft.currency, draft.ordered_on)
        expected_on = expected_on or draft.ordered_on + timedelta(days=terms.lead_time_days)
    for name, value in (("unit_cost", cost), ("expected_on", expected_on)):
        if value is None:
            message = f"give the {name.replace('_', ' ')} of {item.sku}: no terms of {draft.supplier_number} tell it"
            findings.append(Finding("terms_missing", message, f"{place}/{name}"))
    if cost is None or expected_on is None:
        return None

    def told(name: str, otherwise: Any) -> Any:
        given = getattr(line, name)
        return given if given is not None else getattr(terms, name) if terms else otherwise

    zero = Decimal(0)
    return _Line(
        item, base, cost, expected_on, told("over_percent", zero), told("under_percent", zero), told("inspects", False)
    )


def _numbered(placings: Sequence[_Placing]) -> list[tuple[int, str]]:
    """A serial for each, and the number: its own, or one made of the serial."""
    drawn = serials("supply_purchaseorder", "serial", len(placings))
    return [(serial, placing.number or f"PO-{serial:06d}") for serial, placing in zip(drawn, placings, strict=True)]


def _place(placings: Sequence[_Placing], actor: str, at: datetime) -> tuple[dict[int, UUID], list[Refusal]]:
    """Ids by index of what stands now, and refusals of numbers that stand for something else."""
    numbers = _numbered(placings)
    first: dict[str, tuple[int, _Placing]] = {}
    for (serial, number), placing in zip(numbers, placings, strict=True):
        first.setdefault(number, (serial, placing))
    made = {
        row[0]
        for row in sql.rows(
            "insert_purchases",
            ids=[placing.id for _, placing in first.values()],
            serials=[serial for serial, _ in first.values()],
            numbers=list(first),
            suppliers=[placing.supplier_id for _, placing in first.values()],
            sites=[placing.site_id for _, placing in first.values()],
            currencies=[placing.draft.currency for _, placing in first.values()],
            days=[placing.draft.ordered_on for _, placing in first.values()],
            states=[placing.draft.state for _, placing in first.values()],
            at=at,
        )
    }
    _write_lines([(number, each) for number, (_, each) in first.items() if each.id in made], actor, at)
    again = sorted({number for (_, number), each in zip(numbers, placings, strict=True) if each.id not in made})
    standing = {row[0]: row[1:] for row in sql.rows("placed_purchases", numbers=again)} if again else {}
    ids: dict[int, UUID] = {}
    refused: list[Refusal] = []
    for (_, number), placing in zip(numbers, placings, strict=True):
        if placing.id in made:
            ids[placing.index] = placing.id
        elif number in standing and standing[number][1:] == placing.facts():
            ids[placing.index] = standing[number][0]
        else:
            message = f"purchase order {number} exists with other content; cancel or reschedule it, or use a new number"
            refused.append(Refusal.because(placing.index, "purchase_number_taken", message, place="/number"))
    return ids, refused


def _write_lines(placings: Sequence[tuple[str, _Placing]], actor: str, at: datetime) -> None:
    if not placings:
        return
    keys = iter(new_ids(sum(len(each.lines) for _, each in placings)))
    rows: list[tuple[object, ...]] = []
    supplies: list[ExpectedSupply] = []
    for _, placing in placings:
        for position, line in enumerate(placing.lines, 1):
            key = next(keys)
            rows.append(
                (key, placing.id, position, line.item.id, line.quantity, 0, 0, line.unit_cost, line.expected_on,
                 line.over_percent, line.under_percent, line.inspects)
            )  # fmt: skip
            if placing.draft.state in EXPECTING:
                supplies.append(
                    ExpectedSupply(key, "purchase", line.item.id, placing.site_id, line.expected_on, line.quantity)
                )
    columns = (
        "id", "purchase_order_id", "line_number", "item_id", "ordered", "received", "cancelled", "unit_cost",
        "expected_on", "over_percent", "under_percent", "inspects",
    )  # fmt: skip
    insert_rows("supply_purchaseorderline", columns, rows)
    expected = inventory.expect(supplies, actor=actor, at=at) if supplies else Outcome()
    if expected.refused:
        raise RuntimeError(f"new supply was refused: {expected.refused[0].message}")
    entries = [
        Entry(
            "purchase_order",
            placing.id,
            {
                "number": number,
                "supplier": placing.draft.supplier_number,
                "site": placing.draft.site_code,
                "state": placing.draft.state,
                "lines": [
                    {"sku": line.item.sku, "quantity": line.quantity, "expected_on": line.expected_on}
                    for line in placing.lines
                ],
            },
        )
        for number, placing in placings
    ]
    ordered = [each for each, (_, placing) in zip(entries, placings, strict=True) if placing.draft.state in EXPECTING]
    drafted = [each for each, (_, placing) in zip(entries, placings, strict=True) if placing.draft.state == "draft"]
    journal.write("supply.ordered", ordered, actor=actor, at=at)
    journal.write("supply.drafted", drafted, actor=actor, at=at)
