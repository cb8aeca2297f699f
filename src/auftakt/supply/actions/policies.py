"""Policies of replenishment, limits for release, and what suppliers ask of every order: their only writer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.inventory import queries as stock
from auftakt.inventory.types import SiteFacts
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.supply import rules
from auftakt.supply.types import PolicyDraft, ReplenishmentLimitDraft, SupplierTermsDraft
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.supply")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the drafts of a batch name, who delivers their items, where those are made."""

    items: Mapping[str, ItemFacts]
    sites: Mapping[str, SiteFacts]
    suppliers: Mapping[str, UUID]
    delivers: frozenset[tuple[UUID, UUID]]
    makes: frozenset[tuple[UUID, UUID]]
    bought: frozenset[UUID]


def save_policies(drafts: Sequence[PolicyDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Save policies by item and site. Done: their ids, in input order. Saying the same again changes nothing.

    Refusals (subject: the index) name every problem: `replenishment_method_unknown`, `replenishment_source_unknown`,
    `quantity_negative`, `policy_days_out_of_range`, `service_level_out_of_range`, `maximum_missing`,
    `maximum_below_minimum`, `cover_missing`, `review_missing`, `origin_missing`, `same_site`, `item_unknown`,
    `item_not_stocked`, `site_unknown`, `supplier_unknown`, `source_missing` (nobody delivers the item and it is not
    made there), `policy_repeated`.
    """
    known = _look_up(drafts)
    good: dict[tuple[UUID, UUID], PolicyDraft] = {}
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        findings = rules.policy_findings(draft)
        findings += _name_findings(draft, known, bool(findings))
        item, site = known.items.get(draft.sku), known.sites.get(draft.site_code)
        if item and site and (item.id, site.id) in good:
            message = f"{draft.sku} at {draft.site_code} is named twice in the batch; name it once"
            findings.append(Finding("policy_repeated", message, "/sku"))
        if findings or item is None or site is None:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good[item.id, site.id] = draft
    with transaction.atomic(savepoint=False):
        ids = _save(good, known, actor, at) if good else {}
    return Outcome(tuple(ids[pair] for pair in good), tuple(refused))


def _look_up(drafts: Sequence[PolicyDraft]) -> _Known:
    items = catalog.items_by_sku(sorted({draft.sku for draft in drafts}))
    sites = stock.sites_by_code({code for draft in drafts for code in (draft.site_code, draft.from_site)})
    numbers = sorted({draft.supplier_number for draft in drafts if draft.supplier_number})
    rows = sql.rows("find_policy_names", suppliers=numbers, items=[item.id for item in items.values()])
    buys = frozenset((key, other) for kind, _, key, other in rows if kind == "buy")
    return _Known(
        items,
        sites,
        {number: key for kind, number, key, _ in rows if kind == "supplier"},
        buys,
        frozenset((key, other) for kind, _, key, other in rows if kind == "make"),
        frozenset(item for item, _ in buys),
    )


def _name_findings(draft: PolicyDraft, known: _Known, wrong: bool) -> list[Finding]:
    """Names that nobody knows, and a policy that nothing could be ordered by."""
    found: list[Finding] = []
    item, site = known.items.get(draft.sku), known.sites.get(draft.site_code)
    if item is None:
        found.append(Finding("item_unknown", f"item {draft.sku} is unknown; check its SKU", "/sku"))
    elif item.kind != "stocked":
        message = f"item {item.sku} is a {item.kind} and is not kept in stock"
        found.append(Finding("item_not_stocked", message, "/sku"))
    if site is None:
        found.append(Finding("site_unknown", f"site {draft.site_code} is unknown; check its code", "/site_code"))
    if draft.from_site and draft.from_site not in known.sites:
        found.append(Finding("site_unknown", f"site {draft.from_site} is unknown; check its code", "/from_site"))
    if draft.supplier_number and draft.supplier_number not in known.suppliers:
        message = f"{draft.supplier_number} is not the number of a supplier"
        found.append(Finding("supplier_unknown", message, "/supplier_number"))
    if (
        not wrong
        and not found
        and item
        and site
        and draft.method != "none"
        and not _has_source(draft, item, site, known)
    ):
        message = f"nobody delivers {item.sku} as told, and it has no routing at {site.code}; enter terms or a routing"
        found.append(Finding("source_missing", message, "/source", {"sku": item.sku, "site": site.code}))
    return found


def _has_source(draft: PolicyDraft, item: ItemFacts, site: SiteFacts, known: _Known) -> bool:
    bought = (
        (item.id, known.suppliers[draft.supplier_number]) in known.delivers
        if draft.supplier_number
        else item.id in known.bought
    )
    made, sent = (item.id, site.id) in known.makes, bool(draft.from_site)
    return {"buy": bought, "make": made, "transfer": sent}.get(draft.source, bought or made or sent)


def _save(
    good: Mapping[tuple[UUID, UUID], PolicyDraft], known: _Known, actor: str, at: datetime
) -> dict[tuple[UUID, UUID], UUID]:
    drafts = list(good.values())

    def each(name: str) -> list[object]:
        return [getattr(draft, name) for draft in drafts]

    changed = {
        (item, site)
        for item, site in sql.rows(
            "save_policies",
            ids=new_ids(len(drafts)),
            items=[item for item, _ in good],
            sites=[site for _, site in good],
            methods=each("method"),
            sources=each("source"),
            suppliers=[known.suppliers.get(draft.supplier_number) for draft in drafts],
            from_sites=[known.sites[draft.from_site].id if draft.from_site else None for draft in drafts],
            reorder_points=each("reorder_point"),
            maximums=each("maximum"),
            lots=each("lot"),
            multiples=each("multiple"),
            cover_days=each("cover_days"),
            review_days=each("review_days"),
            safety_stocks=each("safety_stock"),
            service_levels=each("service_level"),
            demand_days=each("demand_days"),
            demands_per_day=each("demand_per_day"),
            lead_days=each("lead_days"),
            buyers=[draft.buyer.strip() for draft in drafts],
        )
    }
    rows = sql.rows("policy_ids", items=[item for item, _ in good], sites=[site for _, site in good])
    ids = {(item, site): key for item, site, key in rows}
    entries = [
        Entry("replenishment_policy", ids[pair], {"sku": draft.sku, "site": draft.site_code, "method": draft.method})
        for pair, draft in good.items()
        if pair in changed
    ]
    journal.write("replenishment.policy_saved", entries, actor=actor, at=at)
    return ids


def save_replenishment_limits(drafts: Sequence[ReplenishmentLimitDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Say up to which value proposals are released without asking anybody. Done: the currencies, in input order.

    Refusals (subject: the index): `currency_unknown`, `amount_negative`, `site_unknown`, `number_too_long`.
    """
    sites = stock.sites_by_code({draft.site_code for draft in drafts})
    good: dict[tuple[UUID | None, str, str], ReplenishmentLimitDraft] = {}
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        findings = rules.limit_findings(draft)
        if draft.site_code and draft.site_code not in sites:
            findings.append(Finding("site_unknown", f"site {draft.site_code} is unknown; check its code", "/site_code"))
        if len(draft.buyer) > 64:
            findings.append(Finding("number_too_long", "the buyer has up to 64 characters", "/buyer"))
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            site = sites[draft.site_code].id if draft.site_code else None
            good[site, draft.buyer.strip(), draft.currency] = draft
    if good:
        with transaction.atomic(savepoint=False):
            saved = sql.rows(
                "save_replenishment_limits",
                ids=new_ids(len(good)),
                sites=[site for site, _, _ in good],
                buyers=[buyer for _, buyer, _ in good],
                currencies=[currency for *_, currency in good],
                amounts=[draft.amount for draft in good.values()],
                internals=[draft.internal for draft in good.values()],
            )
            entries = [
                Entry("replenishment_limit", key, {"site": draft.site_code, "buyer": buyer, "currency": currency,
                                                   "amount": draft.amount, "internal": draft.internal})
                for key, site, buyer, currency in saved for draft in [good[site, buyer, currency]]
            ]  # fmt: skip
            journal.write("replenishment.limit_saved", entries, actor=actor, at=at)
    return Outcome(tuple(draft.currency for draft in good.values()), tuple(refused))


def save_supplier_terms(drafts: Sequence[SupplierTermsDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Save what suppliers ask of every order. Done: their numbers, in input order.

    Refusals (subject: the index): `supplier_unknown`, `currency_unknown`, `amount_negative`.
    """
    rows = sql.rows("find_suppliers", numbers=sorted({draft.supplier_number for draft in drafts}))
    suppliers = {number: key for number, key, is_supplier, _ in rows if is_supplier}
    good: dict[UUID, SupplierTermsDraft] = {}
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        findings = rules.supplier_findings(draft)
        if draft.supplier_number not in suppliers:
            message = f"{draft.supplier_number} is not the number of a supplier"
            findings.append(Finding("supplier_unknown", message, "/supplier_number"))
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good[suppliers[draft.supplier_number]] = draft
    if good:
        with transaction.atomic(savepoint=False):
            saved = sql.rows(
                "save_supplier_terms",
                ids=new_ids(len(good)),
                suppliers=list(good),
                currencies=[draft.currency for draft in good.values()],
                minimums=[draft.minimum_order for draft in good.values()],
            )
            entries = [
                Entry("supplier_terms", key, {"supplier": draft.supplier_number, "minimum_order": draft.minimum_order,
                                              "currency": draft.currency})
                for key, supplier in saved for draft in [good[supplier]]
            ]  # fmt: skip
            journal.write("supply.supplier_terms_saved", entries, actor=actor, at=at)
    return Outcome(tuple(draft.supplier_number for draft in good.values()), tuple(refused))
