"""Suppliers' terms: the only writer of supplier items and their prices."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.supply import queries, rules
from auftakt.supply.types import SupplierItemDraft, SupplierItemFacts
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.supply")

_TERMS = (
    "supplier_sku", "lead_time_days", "minimum", "multiple", "rank", "over_percent", "under_percent", "inspects",
    "is_active",
)  # fmt: skip


def save_supplier_items(drafts: Sequence[SupplierItemDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Save the terms of suppliers for items, with all their prices. Done: their ids, in input order. Saying the same
    again changes nothing.

    Refusals (subject: the index) name every problem: `supplier_unknown`, `item_unknown`, `item_not_stocked`,
    `lead_time_out_of_range`, `rank_out_of_range`, `quantity_negative`, `tolerance_out_of_range`, `currency_unknown`,
    `cost_out_of_range`, `validity_reversed`, `prices_overlap`, `supplier_item_repeated`, `number_too_long`.
    """
    suppliers = {
        number: key
        for number, key, is_supplier, _ in sql.rows(
            "find_suppliers", numbers=sorted({d.supplier_number for d in drafts})
        )
        if is_supplier
    }
    items = catalog.items_by_sku(sorted({draft.sku for draft in drafts}))
    good: dict[tuple[UUID, UUID], SupplierItemDraft] = {}
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        findings = rules.terms_findings(draft)
        supplier, item = suppliers.get(draft.supplier_number), items.get(draft.sku)
        if supplier is None:
            message = f"{draft.supplier_number} is not the number of a supplier"
            findings.append(Finding("supplier_unknown", message, "/supplier_number"))
        if item is None:
            findings.append(Finding("item_unknown", f"item {draft.sku} is unknown; check its SKU", "/sku"))
        elif item.kind != "stocked":
            message = f"item {item.sku} is a {item.kind} and is not kept in stock"
            findings.append(Finding("item_not_stocked", message, "/sku"))
        if supplier and item and (supplier, item.id) in good:
            message = f"{draft.sku} of {draft.supplier_number} is named twice in the batch; name it once"
            findings.append(Finding("supplier_item_repeated", message, "/sku"))
        if findings or supplier is None or item is None:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good[supplier, item.id] = draft
    with transaction.atomic(savepoint=False):
        ids = _save(good, actor, at) if good else []
    return Outcome(tuple(ids), tuple(refused))


def _save(good: dict[tuple[UUID, UUID], SupplierItemDraft], actor: str, at: datetime) -> list[UUID]:
    pairs = list(good)
    suppliers, items = [supplier for supplier, _ in pairs], [item for _, item in pairs]
    made = sql.rows("ensure_supplier_items", ids=new_ids(len(pairs)), suppliers=suppliers, items=items)
    fresh = {key for (key,) in made}
    keys = {
        (supplier, item): key
        for supplier, item, key in sql.rows("lock_supplier_items", suppliers=suppliers, items=items)
    }
    standing = {each.id: each for each in queries.supplier_items(keys.values())}
    changed = {keys[pair]: draft for pair, draft in good.items() if _differs(standing[keys[pair]], draft)}
    if changed:
        sql.run(
            "change_supplier_items",
            ids=list(changed),
            **{f"{name}s": [getattr(draft, name) for draft in changed.values()] for name in _TERMS},
        )
        sql.run("delete_prices", ids=list(changed))
        rows = [
            (key, price.currency, price.from_quantity, price.unit_price, price.valid_from, price.valid_to)
            for key, draft in changed.items()
            for price in draft.prices
        ]
        insert_rows(
            "supply_supplierprice",
            ("id", "supplier_item_id", "currency", "from_quantity", "unit_price", "valid_from", "valid_to"),
            [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)],
        )
    told = {key: draft for pair, draft in good.items() if (key := keys[pair]) in changed or key in fresh}
    entries = [
        Entry("supplier_item", key, {"supplier": draft.supplier_number, "sku": draft.sku, "prices": len(draft.prices)})
        for key, draft in told.items()
    ]
    journal.write("supply.terms_saved", entries, actor=actor, at=at)
    return [keys[pair] for pair in pairs]


def _differs(facts: SupplierItemFacts, draft: SupplierItemDraft) -> bool:
    terms = any(getattr(facts, name) != getattr(draft, name) for name in _TERMS)
    return terms or set(facts.prices) != set(draft.prices)
