"""Bills of material of plants: the catalog keeps them, the sites they name are known here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import BillDraft
from auftakt.inventory import queries as inventory
from auftakt.values import Finding, Outcome, Refusal


def save_bills(drafts: Sequence[BillDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Save bills of material as `catalog.save_bills`, with its refusals, and `site_unknown` for a plant."""
    plants = {draft.plant.strip() for draft in drafts} - {""}
    known = inventory.sites_by_code(plants) if plants else {}
    strange = {
        index: draft.plant for index, draft in enumerate(drafts) if draft.plant.strip() and draft.plant not in known
    }
    kept = [index for index in range(len(drafts)) if index not in strange]
    saved = catalog.save_bills([drafts[index] for index in kept], actor=actor, at=at)
    refused = [replace(refusal, subject=str(kept[int(refusal.subject)])) for refusal in saved.refused]
    for index, plant in strange.items():
        finding = Finding("site_unknown", f"site {plant} is unknown; check its code", "/plant", {"site": plant})
        refused.append(Refusal(str(index), (finding,)))
    return Outcome(saved.done, tuple(sorted(refused, key=lambda refusal: int(refusal.subject))))
