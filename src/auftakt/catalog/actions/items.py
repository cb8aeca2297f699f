"""The verb that saves items with units, components, translations and relations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.catalog import rules
from auftakt.catalog.types import ITEM_LIFECYCLE, ItemDraft, KnownItem
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, columns, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.catalog")

_COLUMNS = (
    "id", "sku", "name", "description", "kind", "state", "category_id", "brand_id", "unit_id", "variant_of_id",
    "variant", "weight_kg", "length_mm", "width_mm", "height_mm", "gtin", "hs_code", "origin_country", "tax_category",
    "image_id", "tracking", "shelf_life_days", "min_remaining_days",
)  # fmt: skip
_TRIES = 3
# What hangs on an item: name -> table, columns.
_CHILDREN = {
    "units": ("catalog_itemunit", ("item_id", "unit_id", "factor")),
    "components": ("catalog_kitcomponent", ("kit_id", "component_id", "quantity")),
    "translations": ("catalog_itemtranslation", ("item_id", "language", "name", "description")),
    "relations": ("catalog_itemrelation", ("item_id", "related_id", "kind", "rank")),
}


class _AddedMeanwhileError(Exception):
    """Somebody else added one of the items (or its GTIN) after we looked; looking again will show it."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """An item as it is in the table, and what others must know of it."""

    row: dict[str, Any]
    known: KnownItem


@dataclass(frozen=True, slots=True)
class _References:
    """What drafts may name by code."""

    decimals: Mapping[str, int]
    categories: Mapping[str, UUID]
    brands: Mapping[str, UUID]
    images: frozenset[UUID]


@dataclass(slots=True)
class _Work:
    """One accepted draft, the id of its item, and what turns out to change."""

    index: int
    draft: ItemDraft
    item_id: UUID
    is_new: bool
    state: str
    change: dict[str, Any] = field(default_factory=dict[str, Any])


def save_items(drafts: Sequence[ItemDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add or change items by sku, in any order within the batch. Returns ids in input order.

    The same draft again writes nothing. Refused drafts (subject: the sku, every finding also with its `index` in the
    batch) do not hinder the others, unless these name them: malformed fields, unknown unit, category, brand or item,
    `gtin_taken`, `kind_fixed`, `unit_fixed`, everything wrong with a kit.
    """
    normal = [rules.normal_item(draft) for draft in drafts]
    for _ in range(_TRIES - 1):
        try:
            return _save(normal, actor=actor, at=at)
        except _AddedMeanwhileError:
            continue
    return _save(normal, actor=actor, at=at)


def _save(normal: Sequence[ItemDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    with transaction.atomic():
        references = _references(normal)
        good, refused = _by_themselves(normal, references)
        stored = _stored(draft for _, draft in good)
        works, barred = _among_others(good, stored, references)
        _write_cards(works, stored, references, at=at)
        ids = {sku: each.known.id for sku, each in stored.items()} | {work.draft.sku: work.item_id for work in works}
        for name in _CHILDREN:
            _write_children(name, works, ids)
        _journal(works, actor=actor, at=at)
    return Outcome(tuple(work.item_id for work in works), (*refused, *barred))


def _references(drafts: Sequence[ItemDraft]) -> _References:
    images = [draft.image_id for draft in drafts if draft.image_id]
    return _References(
        {code: decimals for code, _, _, decimals in sql.rows("read_units")},
        dict(sql.rows("category_ids", codes=list({draft.category for draft in drafts}))),
        dict(sql.rows("brand_ids", codes=list({draft.brand for draft in drafts}))),
        frozenset(key for (key,) in sql.rows("known_images", ids=images)),
    )


def _refusal(index: int, sku: str, findings: Iterable[Finding]) -> Refusal:
    said = [replace(finding, facts={**finding.facts, "index": str(index)}) for finding in findings]
    return Refusal(sku, tuple(said))


def _by_themselves(
    drafts: Sequence[ItemDraft], references: _References
) -> tuple[list[tuple[int, ItemDraft]], list[Refusal]]:
    holders = dict(sql.rows("gtin_holders", gtins=[draft.gtin for draft in drafts if draft.gtin]))
    good: list[tuple[int, ItemDraft]] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        found = rules.item_findings(draft, references.decimals, references.categories, references.brands)
        if draft.sku in seen:
            found.append(Finding("sku_twice", f"{draft.sku} is in this batch already.", "/sku"))
        seen.add(draft.sku)
        if draft.gtin and holders.setdefault(draft.gtin, draft.sku) != draft.sku:
            holder = holders[draft.gtin]
            message = f"GTIN {draft.gtin} belongs to item {holder}; compare the number with the package."
            found.append(Finding("gtin_taken", message, "/gtin", {"gtin": draft.gtin, "item": holder}))
        if draft.image_id and draft.image_id not in references.images:
            message = f"There is no document {draft.image_id}; file the image first."
            found.append(Finding("image_unknown", message, "/image_id"))
        if found:
            refused.append(_refusal(index, draft.sku, found))
        else:
            good.append((index, draft))
    return good, refused


def _stored(drafts: Iterable[ItemDraft]) -> dict[str, _Stored]:
    skus: set[str] = set()
    for draft in drafts:
        skus |= {draft.sku, draft.variant_of}
        skus.update(part.sku for part in draft.components or ())
        skus.update(relation.sku for relation in draft.relations or ())
    found: dict[str, _Stored] = {}
    for values in sql.rows("lock_items", skus=list(skus - {""})):
        row = dict(zip(_COLUMNS, values, strict=False))
        known = KnownItem(
            row["id"], row["sku"], row["kind"], row["state"], row["unit_id"], values[-1],
            row["variant_of_id"] is not None, row["tracking"],
        )  # fmt: skip
        found[known.sku] = _Stored(row, known)
    return found


def _work(index: int, draft: ItemDraft, stored: _Stored | None, fresh: UUID) -> _Work:
    state = stored.known.state if stored else ITEM_LIFECYCLE.start
    if draft.activate and state == ITEM_LIFECYCLE.start:
        state = ITEM_LIFECYCLE.after("activate")
    return _Work(index, draft, stored.known.id if stored else fresh, stored is None, state)


def _among_others(
    good: Sequence[tuple[int, ItemDraft]], stored: Mapping[str, _Stored], references: _References
) -> tuple[list[_Work], list[Refusal]]:
    """Judge drafts against each other until nothing more falls: a refused draft takes along those that name it."""
    ids = new_ids(len(good))
    works = [_work(index, draft, stored.get(draft.sku), fresh) for (index, draft), fresh in zip(good, ids, strict=True)]
    refused: list[Refusal] = []
    while True:
        others = {sku: each.known for sku, each in stored.items()}
        for work in works:
            draft = work.draft
            others[draft.sku] = KnownItem(
                work.item_id, draft.sku, draft.kind, work.state, draft.unit, references.decimals[draft.unit],
                bool(draft.variant_of), draft.tracking,
            )  # fmt: skip
        kept: list[_Work] = []
        for work in works:
            own = stored.get(work.draft.sku)
            found = rules.belonging_findings(work.draft, own.known if own else None, others)
            if found:
                refused.append(_refusal(work.index, work.draft.sku, found))
            else:
                kept.append(work)
        if len(kept) == len(works):
            return works, refused
        works = kept


def _row(work: _Work, references: _References, ids: Mapping[str, UUID], image_id: UUID | None) -> tuple[Any, ...]:
    draft = work.draft
    return (
        work.item_id, draft.sku, draft.name, draft.description, draft.kind, work.state,
        references.categories.get(draft.category), references.brands.get(draft.brand), draft.unit,
        ids.get(draft.variant_of), draft.variant, draft.weight_kg, draft.length_mm, draft.width_mm, draft.height_mm,
        draft.gtin, draft.hs_code, draft.origin_country, draft.tax_category, draft.image_id or image_id,
        draft.tracking, draft.shelf_life_days, draft.min_remaining_days,
    )  # fmt: skip


def _write_cards(
    works: Sequence[_Work], stored: Mapping[str, _Stored], references: _References, *, at: datetime
) -> None:
    ids = {sku: each.known.id for sku, each in stored.items()} | {work.draft.sku: work.item_id for work in works}
    fresh: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for work in works:
        before = stored.get(work.draft.sku)
        row = _row(work, references, ids, before.row["image_id"] if before else None)
        if before is None:
            fresh.append(row)
            continue
        pairs = {name: [before.row[name], value] for name, value in zip(_COLUMNS, row, strict=True)}
        work.change = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if work.change:
            changed.append(row)
    inserted: set[UUID] = set()
    if fresh:
        given = dict(zip(_COLUMNS, columns(fresh, len(_COLUMNS)), strict=True))
        inserted = {key for (key,) in sql.rows("insert_items", **given, at=at)}
    if changed:
        sql.run("update_items", **dict(zip(_COLUMNS, columns(changed, len(_COLUMNS)), strict=True)))
    if len(inserted) < len(fresh):
        raise _AddedMeanwhileError


def _wished(name: str, work: _Work, ids: Mapping[str, UUID]) -> list[tuple[Any, ...]] | None:
    """The rows that shall hang on an item, or None to leave what hangs there."""
    draft, key = work.draft, work.item_id
    if name == "units":
        return None if draft.units is None else [(key, each.unit, each.factor) for each in draft.units]
    if name == "components":
        if draft.kind != "kit":
            return []
        return None if draft.components is None else [(key, ids[each.sku], each.quantity) for each in draft.components]
    if name == "translations":
        texts = draft.translations
        return None if texts is None else [(key, each.language, each.name.strip(), each.description) for each in texts]
    related = draft.relations
    return None if related is None else [(key, ids[each.sku], each.kind, each.rank) for each in related]


def _write_children(name: str, works: Sequence[_Work], ids: Mapping[str, UUID]) -> None:
    """Make what hangs on the items what the drafts say; an item whose rows are the same already is left alone."""
    table, names = _CHILDREN[name]
    wished = {work.item_id: rows for work in works for rows in [_wished(name, work, ids)] if rows is not None}
    old = [work.item_id for work in works if not work.is_new and work.item_id in wished]
    stored: dict[UUID, set[tuple[Any, ...]]] = {}
    for row in sql.rows(f"stored_{name}", ids=old) if old else ():
        stored.setdefault(row[0], set()).add(row)
    moved = {key: rows for key, rows in wished.items() if set(rows) != stored.get(key, set())}
    replaced = [key for key in moved if key in stored]
    if replaced:
        sql.run(f"delete_{name}", ids=replaced)
    rows = [row for each in moved.values() for row in each]
    insert_rows(table, ("id", *names), [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)])
    for work in works:
        if not work.is_new and work.item_id in moved:
            work.change[name] = [list(row[1:]) for row in moved[work.item_id]]


def _journal(works: Sequence[_Work], *, actor: str, at: datetime) -> None:
    created = [
        Entry("item", work.item_id, {"sku": work.draft.sku, "name": work.draft.name, "state": work.state})
        for work in works
        if work.is_new
    ]
    changed = [Entry("item", work.item_id, work.change) for work in works if work.change]
    if created:
        journal.write("item.created", created, actor=actor, at=at)
    if changed:
        journal.write("item.changed", changed, actor=actor, at=at)
