"""Bins: where items lie at a site."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.inventory import rules
from auftakt.inventory.types import PlacingDraft
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")

Key = tuple[UUID, UUID]
"""Item and site."""


def place(drafts: Sequence[PlacingDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Say where items lie: their bins are made where they are new, an item moves when it lies elsewhere, an empty bin
    takes it out. What is so already is left alone. Done: the items, in input order.

    Refusals (subject: the index in the batch): `item_unknown`, `item_not_stocked`, `site_unknown`, `bin_malformed`,
    `walk_out_of_range`, `placing_repeated` (an item twice at one site).
    """
    good: dict[Key, PlacingDraft] = {}
    refused: list[Refusal] = []
    with transaction.atomic(savepoint=False):
        items = _items(drafts)
        sites = _sites(drafts)
        for index, draft in enumerate(drafts):
            item, site = items.get(draft.item), sites.get(draft.site)
            findings = _findings(draft, item, site)
            if not findings and (item.id, site) in good:
                text = f"item {item.sku} is placed twice at this site in one batch; name it once"
                findings = [Finding("placing_repeated", text, "/item", {"sku": item.sku})]
            if findings:
                refused.append(Refusal(str(index), tuple(findings)))
            else:
                good[item.id, site] = draft
        if good:
            _write(good, {item.id: item.sku for item in items.values()}, actor=actor, at=at)
    return Outcome(tuple(item_id for item_id, _ in good), tuple(refused))


def _items(drafts: Sequence[PlacingDraft]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    skus = sorted({draft.item for draft in drafts if isinstance(draft.item, str)})
    ids = id_list([draft.item for draft in drafts if isinstance(draft.item, UUID)])
    if skus:
        found.update(catalog.items_by_sku(skus))
    if ids:
        found.update(catalog.items(ids))
    return found


def _sites(drafts: Sequence[PlacingDraft]) -> dict[Any, UUID]:
    rows = sql.rows(
        "find_places",
        ids=id_list([draft.site for draft in drafts if isinstance(draft.site, UUID)]),
        codes=sorted({draft.site for draft in drafts if isinstance(draft.site, str)}),
    )
    found: dict[Any, UUID] = {}
    for _, _, site_id, code, _ in rows:
        if site_id is not None:
            found[site_id] = found[code] = site_id
    return found


def _code(draft: PlacingDraft) -> str:
    return draft.bin.strip().upper()


def _findings(draft: PlacingDraft, item: Any, site: UUID | None) -> list[Finding]:
    found = rules.bin_findings(_code(draft), draft.walk)
    if item is None:
        text = f"item {draft.item} is unknown; check its SKU"
        found.append(Finding("item_unknown", text, "/item", {"item": str(draft.item)}))
    elif item.kind != "stocked":
        text = f"item {item.sku} is a {item.kind} and is not kept in stock"
        found.append(Finding("item_not_stocked", text, "/item", {"item": str(draft.item)}))
    if site is None:
        text = f"site {draft.site} is unknown; check its code"
        found.append(Finding("site_unknown", text, "/site", {"site": str(draft.site)}))
    return found


def _write(good: dict[Key, PlacingDraft], skus: dict[UUID, str], *, actor: str, at: datetime) -> None:
    turns: dict[tuple[UUID, str], int | None] = {}
    for (_, site), draft in good.items():
        if _code(draft):
            turns[site, _code(draft)] = draft.walk if draft.walk is not None else turns.get((site, _code(draft)))
    keys = sorted(turns)
    sql.run(
        "save_bins",
        ids=new_ids(len(keys)),
        sites=[site for site, _ in keys],
        codes=[code for _, code in keys],
        walks=[rules.walk_key(code, turns[site, code]) for site, code in keys],
        told=[turns[site, code] is not None for site, code in keys],
    )
    wanted = sorted(good)
    columns = {
        "items": [item for item, _ in wanted],
        "sites": [site for _, site in wanted],
        "codes": [_code(good[key]) for key in wanted],
    }
    changed = sql.rows("save_placings", ids=new_ids(len(wanted)), **columns)
    gone = sql.rows("remove_placings", **columns)
    entries = [
        Entry("item", item, {"sku": skus[item], "site": site, "bin": code}) for item, site, code in [*changed, *gone]
    ]
    journal.write("inventory.placed", entries, actor=actor, at=at)
