"""Verbs of pricing: save lists, prices, discounts, shipping and limits. All are idempotent by their codes."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.parties import queries as parties
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.pricing.queries import sql
from auftakt.pricing.rules import (
    discount_findings,
    limit_findings,
    price_findings,
    price_list_findings,
    shipping_rate_findings,
    zone_findings,
)
from auftakt.pricing.types import (
    AdjustmentLimitDraft,
    DiscountDraft,
    PriceDraft,
    PriceListDraft,
    ShippingRateDraft,
    ShippingZoneDraft,
)
from auftakt.values import Finding, Outcome, Refusal, new_ids

T = TypeVar("T")
_CODES = UUID("5b0e7a8e-2f43-5a30-8f34-6d8d4b9f2c77")  # names subjects that have a code and no id


def _sift(drafts: Sequence[T], findings: Callable[[T], list[Finding]]) -> tuple[dict[int, T], tuple[Refusal, ...]]:
    """The drafts without problems by their index, and a refusal for each other (subject: the index)."""
    good: dict[int, T] = {}
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        found = findings(draft)
        if found:
            refused.append(Refusal(str(index), tuple(found)))
        else:
            good[index] = draft
    return good, tuple(refused)


def _last(good: dict[int, T], key: Callable[[T], Any]) -> list[T]:
    """One draft per key: the last in the batch wins."""
    return list({key(draft): draft for draft in good.values()}.values())


@transaction.atomic
def save_price_lists(drafts: Sequence[PriceListDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Add or change price lists by code. Done are their codes; what is already so is not written."""
    good, refused = _sift(drafts, price_list_findings)
    chosen = _last(good, lambda draft: draft.code)
    if chosen:
        rows = [
            (d.code, d.name, d.currency, d.channel, d.segment, d.rank, d.tax_included, d.valid_from, d.valid_to)
            for d in chosen
        ]
        names = ("codes", "names", "currencies", "channels", "segments", "ranks", "included", "froms", "tos")
        told = dict(zip(names, columns(rows, len(names)), strict=True))
        saved = sql.rows("save_price_lists", ids=new_ids(len(rows)), **told)
        entries = [Entry("price_list", key, {"code": code}) for key, code in saved]
        journal.write("price_list.saved", entries, actor=actor, at=at)
    return Outcome(tuple(draft.code for draft in good.values()), refused)


@transaction.atomic
def save_prices(drafts: Sequence[PriceDraft], *, actor: str, at: datetime) -> Outcome[int]:
    """Add or change prices by list, item, unit, tier and start. Done are the indexes of the drafts."""
    lists = {row[0]: row[1] for row in sql.rows("lists_by_code", codes=sorted({d.price_list for d in drafts}))}
    items = catalog.items_by_sku({draft.sku for draft in drafts})
    good, refused = _sift(drafts, lambda draft: price_findings(draft, lists, items))

    def row(draft: PriceDraft) -> tuple[Any, ...]:
        item = items[draft.sku]
        unit = draft.unit or item.unit
        return lists[draft.price_list], item.id, unit, draft.from_quantity, draft.valid_from

    chosen = _last(good, row)
    if chosen:
        rows = [(*row(draft), draft.unit_price, draft.valid_to) for draft in chosen]
        names = ("lists", "items", "units", "quantities", "froms", "prices", "tos")
        told = dict(zip(names, columns(rows, len(names)), strict=True))
        saved = Counter(key for (key,) in sql.rows("save_prices", ids=new_ids(len(rows)), **told))
        entries = [Entry("price_list", key, {"prices": count}) for key, count in sorted(saved.items())]
        journal.write("price_list.priced", entries, actor=actor, at=at)
    return Outcome(tuple(good), refused)


@transaction.atomic
def save_discounts(drafts: Sequence[DiscountDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Add or change discounts by code. Done are their codes."""
    items = catalog.items_by_sku({draft.sku for draft in drafts if draft.sku})
    categories = {each.code: each.id for each in catalog.categories()}
    numbers = {draft.customer_number for draft in drafts if draft.customer_number}
    customers = {number: profile.id for number, profile in parties.customers_by_number(numbers).items()}
    good, refused = _sift(drafts, lambda draft: discount_findings(draft, items, categories, customers))
    chosen = _last(good, lambda draft: draft.code)
    if chosen:
        rows = [
            (
                d.code, d.name, d.kind, d.value, d.currency, items[d.sku].id if d.sku else None,
                categories.get(d.category), customers.get(d.customer_number), d.segment, d.channel, d.from_quantity,
                d.rank, d.stacks, d.valid_from, d.valid_to,
            )
            for d in chosen
        ]  # fmt: skip
        names = (
            "codes", "names", "kinds", "amounts", "currencies", "items", "categories", "customers", "segments",
            "channels", "quantities", "ranks", "stacks", "froms", "tos",
        )  # fmt: skip
        told = dict(zip(names, columns(rows, len(names)), strict=True))
        saved = sql.rows("save_discounts", ids=new_ids(len(rows)), **told)
        entries = [Entry("discount", key, {"code": code}) for key, code in saved]
        journal.write("discount.saved", entries, actor=actor, at=at)
    return Outcome(tuple(draft.code for draft in good.values()), refused)


@transaction.atomic
def save_shipping(
    zones: Sequence[ShippingZoneDraft], rates: Sequence[ShippingRateDraft], *, actor: str, at: datetime
) -> Outcome[str]:
    """Add or change zones by code, and replace all rates of these zones. Refused as a whole when anything is wrong."""
    known = frozenset(zone.code for zone in zones)
    _, bad_zones = _sift(zones, zone_findings)
    _, bad_rates = _sift(rates, lambda rate: shipping_rate_findings(rate, known))
    if bad_zones or bad_rates:
        return Outcome((), (*bad_zones, *bad_rates))
    sql.run(
        "save_zones",
        codes=[zone.code for zone in zones],
        names=[zone.name for zone in zones],
        countries=[" ".join(zone.countries) for zone in zones],
    )
    sql.run("clear_rates", zones=sorted(known))
    insert_rows(
        "pricing_shippingrate",
        ("id", "zone_id", "currency", "up_to_kg", "amount", "free_from", "tax_category"),
        [
            (key, rate.zone, rate.currency, rate.up_to_kg, rate.amount, rate.free_from, rate.tax_category)
            for key, rate in zip(new_ids(len(rates)), rates, strict=True)
        ],
    )
    entries = [Entry("shipping_zone", uuid5(_CODES, zone.code), {"code": zone.code}) for zone in zones]
    journal.write("shipping_zone.saved", entries, actor=actor, at=at)
    return Outcome(tuple(zone.code for zone in zones))


@transaction.atomic
def save_adjustment_limits(drafts: Sequence[AdjustmentLimitDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Set how far roles may lower prices by hand. Done are the roles."""
    good, refused = _sift(drafts, limit_findings)
    chosen = _last(good, lambda draft: draft.role)
    if chosen:
        sql.run("save_limits", roles=[d.role for d in chosen], percents=[d.max_percent for d in chosen])
        entries = [
            Entry("adjustment_limit", uuid5(_CODES, d.role), {"role": d.role, "max_percent": d.max_percent})
            for d in chosen
        ]
        journal.write("adjustment_limit.saved", entries, actor=actor, at=at)
    return Outcome(tuple(draft.role for draft in good.values()), refused)
