"""Sites, and the locations the ledger moves between."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from django.db import transaction

from auftakt.inventory import rules
from auftakt.inventory.types import VIRTUAL_LOCATIONS, SiteDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")
_ZONES = available_timezones()


def save_sites(drafts: Sequence[SiteDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add sites, or change those whose code exists; equal ones are left alone. Done: ids in input order.

    Refusals (subject: the code) name every problem: `site_code_malformed`, `name_missing`, `site_kind_unknown`,
    `country_unknown`, `time_zone_unknown`, `processing_days_out_of_range`, `site_repeated`, `calendar_unknown`,
    `supplier_unknown`, `site_not_of_supplier`.
    """
    named = {code for draft in drafts for code in (draft.shipping_calendar, draft.receiving_calendar) if code}
    known = {code for (code,) in sql.rows("known_calendars", codes=sorted(named))} if named else set()
    owners = sorted({draft.supplier for draft in drafts if draft.supplier})
    suppliers = {number for (number,) in sql.rows("known_suppliers", numbers=owners)} if owners else set()
    good: dict[str, SiteDraft] = {}
    refused: list[Refusal] = []
    for draft in drafts:
        findings = rules.site_findings(draft)
        if draft.time_zone not in _ZONES:
            message = f"time zone {draft.time_zone!r} is unknown; use a name such as Europe/Berlin"
            findings.append(Finding("time_zone_unknown", message, "/time_zone", {"time_zone": draft.time_zone}))
        findings += _calendar_findings(draft, known) + _supplier_findings(draft, suppliers)
        if draft.code in good:
            findings.append(Finding("site_repeated", f"site {draft.code} is named twice in this batch", "/code"))
        if findings:
            refused.append(Refusal(draft.code, tuple(findings)))
        else:
            good[draft.code] = draft
    if not good:
        return Outcome((), tuple(refused))
    with transaction.atomic(savepoint=False):
        saved = _write(list(good.values()))
        _ensure_locations(list(good))
        entries = [Entry("site", key, {"code": code}) for key, code in saved]
        journal.write("inventory.site_saved", entries, actor=actor, at=at)
        ids = dict(sql.rows("site_ids", codes=list(good)))
    return Outcome(tuple(ids[code] for code in good), tuple(refused))


def _calendar_findings(draft: SiteDraft, known: set[str]) -> list[Finding]:
    named = {"/shipping_calendar": draft.shipping_calendar, "/receiving_calendar": draft.receiving_calendar}
    return [
        Finding("calendar_unknown", f"calendar {code} is unknown; save it first", place, {"calendar": code})
        for place, code in named.items()
        if code and code not in known
    ]


def _supplier_findings(draft: SiteDraft, known: set[str]) -> list[Finding]:
    facts = {"supplier": draft.supplier}
    if draft.supplier and draft.kind != "supplier":
        message = f"only a site of kind supplier is a supplier's; {draft.code} is a {draft.kind}"
        return [Finding("site_not_of_supplier", message, "/supplier", facts)]
    if draft.supplier and draft.supplier not in known:
        message = f"{draft.supplier} is not the number of a supplier"
        return [Finding("supplier_unknown", message, "/supplier", facts)]
    return []


def _write(drafts: Sequence[SiteDraft]) -> list[tuple[UUID, str]]:
    """The sites that are new or different now."""
    rows = sql.rows(
        "save_sites",
        ids=new_ids(len(drafts)),
        codes=[draft.code for draft in drafts],
        names=[draft.name.strip() for draft in drafts],
        kinds=[draft.kind for draft in drafts],
        streets=[draft.street for draft in drafts],
        postal_codes=[draft.postal_code for draft in drafts],
        cities=[draft.city for draft in drafts],
        regions=[draft.region for draft in drafts],
        countries=[draft.country for draft in drafts],
        time_zones=[draft.time_zone for draft in drafts],
        are_open=[draft.is_open for draft in drafts],
        ship_orders=[draft.ships_orders for draft in drafts],
        processing_days=[draft.processing_days for draft in drafts],
        shipping=[draft.shipping_calendar for draft in drafts],
        receiving=[draft.receiving_calendar for draft in drafts],
        cut_offs=[draft.cut_off for draft in drafts],
        suppliers=[draft.supplier for draft in drafts],
    )
    return [(key, code) for key, code in rows]


def _ensure_locations(codes: Sequence[str]) -> None:
    """A site's stock location bears its code; a location without a site bears its kind after a tilde, which no site's
    code may hold."""
    wanted = [(code, "stock") for code in codes] + [(f"~{kind}", kind) for kind in VIRTUAL_LOCATIONS]
    sql.run(
        "ensure_locations",
        ids=new_ids(len(wanted)),
        codes=[code for code, _ in wanted],
        kinds=[kind for _, kind in wanted],
    )
