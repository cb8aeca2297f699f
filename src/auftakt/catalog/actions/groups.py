"""Verbs on what items are sorted and counted by: units, categories, brands."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from auftakt.catalog import rules
from auftakt.catalog.types import BrandDraft, CategoryDraft, UnitDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.catalog")


def _twice(code: str) -> Finding:
    return Finding("code_twice", f"{code!r} is in this batch already.", "/code", {"code": code})


def _tidy(draft: Any) -> Any:
    return replace(draft, code=draft.code.strip(), name=" ".join(draft.name.split()))


def unit_id(code: str) -> UUID:
    """A unit is known by its code; the journal knows it by this id made from it."""
    return uuid5(NAMESPACE_URL, f"auftakt:unit:{code}")


def save_units(drafts: Sequence[UnitDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Add or change units by code; the same again changes nothing.

    Refuses malformed ones, and `unit_in_use` when a unit that items use would change dimension or be split less finely.
    """
    good: dict[str, UnitDraft] = {}
    refused: list[Refusal] = []
    with transaction.atomic():
        stored = {row[0]: UnitDraft(*row) for row in sql.rows("read_units")}
        used = {code for (code,) in sql.rows("used_units")}
        for given in drafts:
            draft: UnitDraft = _tidy(given)
            found = rules.unit_findings(draft) + ([_twice(draft.code)] if draft.code in good else [])
            before = stored.get(draft.code)
            if before and draft.code in used:
                message = f"Items trade in {draft.code}: keep its dimension and at least {before.decimals} decimals."
                if before.dimension != draft.dimension:
                    found.append(Finding("unit_in_use", message, "/dimension"))
                if draft.decimals < before.decimals:
                    found.append(Finding("unit_in_use", message, "/decimals"))
            if found:
                refused.append(Refusal(draft.code, tuple(found)))
            else:
                good[draft.code] = draft
        kept = list(good.values())
        rows = sql.rows(
            "save_units",
            codes=list(good), names=[draft.name for draft in kept], dimensions=[draft.dimension for draft in kept],
            decimals=[draft.decimals for draft in kept],
        )  # fmt: skip
        entries = [Entry("unit", unit_id(code), asdict(good[code])) for (code,) in rows]
        journal.write("unit.saved", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def save_brands(drafts: Sequence[BrandDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add or change brands by code; the same again changes nothing. Refuses those without code or name."""
    good: dict[str, BrandDraft] = {}
    refused: list[Refusal] = []
    for given in drafts:
        draft: BrandDraft = _tidy(given)
        found = rules.code_findings(draft) + ([_twice(draft.code)] if draft.code in good else [])
        if found:
            refused.append(Refusal(draft.code, tuple(found)))
        else:
            good[draft.code] = draft
    with transaction.atomic():
        names = [draft.name for draft in good.values()]
        written = sql.rows("save_brands", ids=new_ids(len(good)), codes=list(good), names=names)
        ids = dict(sql.rows("brand_ids", codes=list(good)))
        entries = [Entry("brand", key, asdict(good[code])) for key, code in written]
        journal.write("brand.saved", entries, actor=actor, at=at)
    return Outcome(tuple(ids[code] for code in good), tuple(refused))


def save_categories(drafts: Sequence[CategoryDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add or change categories by code, in any order; the same again changes nothing.

    Refuses those without code or name, `category_unknown` parents, and `category_circular`: a branch below itself.
    """
    good: dict[str, CategoryDraft] = {}
    refused: list[Refusal] = []
    for given in drafts:
        draft: CategoryDraft = replace(_tidy(given), parent=given.parent.strip())
        found = rules.code_findings(draft) + ([_twice(draft.code)] if draft.code in good else [])
        if found:
            refused.append(Refusal(draft.code, tuple(found)))
        else:
            good[draft.code] = draft
    with transaction.atomic():
        tree = sql.rows("lock_categories")
        codes = {key: code for key, code, _, _ in tree}
        barred = rules.tree_findings(good, {code: codes.get(parent, "") for _, code, _, parent in tree})
        refused += [Refusal(code, (finding,)) for code, finding in barred.items()]
        kept = {code: draft for code, draft in good.items() if code not in barred}
        ids = {code: key for key, code in codes.items()}
        for code, fresh in zip(kept, new_ids(len(kept)), strict=True):
            ids.setdefault(code, fresh)
        written = sql.rows(
            "save_categories",
            ids=[ids[code] for code in kept], codes=list(kept), names=[draft.name for draft in kept.values()],
            parents=[ids[draft.parent] if draft.parent else None for draft in kept.values()],
        )  # fmt: skip
        entries = [Entry("category", key, asdict(kept[code])) for key, code in written]
        journal.write("category.saved", entries, actor=actor, at=at)
    return Outcome(tuple(ids[code] for code in kept), tuple(refused))
