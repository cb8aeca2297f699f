"""Lists of replenishment: proposals, and the policies they come of."""

from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words
from auftakt.console.queries import replenish as reads
from auftakt.console.queries.making import site_codes
from auftakt.console.tables import Bulk, Choice, Column, Empty, Filter, Pick, Table
from auftakt.console.tables.columns import NOTHING
from auftakt.supply.types import POLICY_METHODS

ORDER_PAGES = {"purchase": "console:purchase", "transfer": "console:transfer", "work_order": "console:work_order"}


def _page(row: Any) -> str:
    return reverse("console:proposal", args=[row.id])


def _policy(row: Any) -> str:
    return reverse("console:replenishment_policy", args=[row.id])


def _amount(key: str) -> Any:
    def show(row: Any) -> Any:
        value = getattr(row, key)
        if value is None:
            return NOTHING
        return format_html('{} <span class="faint small">{}</span>', formats.number(value), words.word(row.unit))

    return show


def _order(row: Any) -> Any:
    if not row.order_id:
        return NOTHING
    return format_html('<a href="{}">{}</a>', reverse(ORDER_PAGES[row.kind], args=[row.order_id]), row.order_number)


def kind_word(kind: str) -> str:
    """What a proposal becomes, in words."""
    told = {"purchase": _("Purchase order"), "transfer": _("Transfer"), "work_order": _("Work order")}
    return told.get(kind, kind)


def _source(row: Any) -> Any:
    return format_html("{}<small>{}</small>", row.source, kind_word(row.kind))


def _kinds() -> list[tuple[str, str]]:
    return [(kind, kind_word(kind)) for kind in ORDER_PAGES]


PROPOSALS = Table(
    name="proposals",
    title=gettext_lazy("Replenishment"),
    words=gettext_lazy("Item, supplier or order"),
    sort="-serial",
    read=reads.proposal_list,
    href=_page,
    columns=(
        Column("sku", gettext_lazy("Item"), sort="sku", head=True, link=_page, note="name"),
        Column("site", gettext_lazy("For site"), sort="site"),
        Column("state", gettext_lazy("State"), "badge"),
        Column("source", gettext_lazy("From"), show=_source),
        Column("quantity", gettext_lazy("Quantity"), "number", show=_amount("quantity")),
        Column("value", gettext_lazy("Value"), "money", sort="worth"),
        Column("due_on", gettext_lazy("Comes on"), "short_day", sort="due_on"),
        Column("position", gettext_lazy("There and coming"), "number", show=_amount("position")),
        Column("reorder_point", gettext_lazy("Reorder point"), "number", show=_amount("reorder_point")),
        Column("order_number", gettext_lazy("Order"), show=_order),
        Column("run", gettext_lazy("Run"), "code", shown=False),
        Column("buyer", gettext_lazy("Buyer"), shown=False),
        Column("serial", gettext_lazy("Proposal"), "number", sort="serial", shown=False),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=lambda: [(c, words.badge(c).label) for c in ("proposed", "held", "released", "rejected")],
            chips=True,
        ),
        Choice(name="kind", title=gettext_lazy("Becomes"), options=_kinds),
        Choice(name="site", title=gettext_lazy("Site"), options=site_codes),
        Pick(name="supplier", title=gettext_lazy("Supplier"), source="console:supplier_options"),
        Pick(name="item", title=gettext_lazy("Item"), source="console:item_options"),
        Filter(name="run", title=gettext_lazy("Run")),
        Filter(name="buyer", title=gettext_lazy("Buyer")),
    ),
    bulk=(Bulk("proposals_weigh", gettext_lazy("Approve or reject"), "check", "supply.edit"),),
    empty=Empty(
        "basket",
        gettext_lazy("Nothing is proposed"),
        gettext_lazy("Give items a policy, then let a run look what is to be ordered."),
        gettext_lazy("New policy"),
        reverse_lazy("console:replenishment_policy_new"),
        "supply.edit",
    ),
)


def level(row: Any) -> str:
    """What a policy orders, in short: 40 → 300; every 7 days; 14 days."""
    if row.method == "min_max":
        least = formats.number(row.reorder_point) if row.reorder_point is not None else _("worked out")
        return f"{least} → {formats.number(row.maximum)}"
    if row.method == "days_of_cover":
        return _("for %(days)s days") % {"days": formats.number(row.cover_days)}
    if row.method == "periodic":
        return _("every %(days)s days") % {"days": formats.number(row.review_days)}
    if row.method == "reorder_point":
        least = formats.number(row.reorder_point) if row.reorder_point is not None else _("worked out")
        lot = _("lots of %(lot)s") % {"lot": formats.number(row.lot)} if row.lot else ""
        return " · ".join(each for each in (least, lot) if each)
    return ""


def _safety(row: Any) -> Any:
    if row.safety_stock is not None:
        return formats.number(row.safety_stock)
    return f"{formats.number(row.service_level)} %"


def _from(row: Any) -> Any:
    named = row.supplier or row.from_site
    if named:
        return named
    return words.word(row.source) if row.source else format_html('<span class="faint">{}</span>', _("as sourced"))


POLICIES = Table(
    name="replenishment_policies",
    title=gettext_lazy("Replenishment policies"),
    words=gettext_lazy("Number or name"),
    sort="sku",
    read=reads.policy_list,
    href=_policy,
    columns=(
        Column("sku", gettext_lazy("Item"), sort="sku", head=True, link=_policy, note="name"),
        Column("site", gettext_lazy("Site"), sort="site"),
        Column("method", gettext_lazy("Method"), "word", sort="method"),
        Column("level", gettext_lazy("Ordered"), show=level, value=level),
        Column("service_level", gettext_lazy("Safety stock"), show=_safety, value=_safety),
        Column("source", gettext_lazy("From"), show=_from),
        Column("free", gettext_lazy("Free"), "number", show=_amount("free")),
        Column("expected", gettext_lazy("Expected"), "number", show=_amount("expected")),
        Column("buyer", gettext_lazy("Buyer"), shown=False),
    ),
    filters=(
        Choice(
            name="method",
            title=gettext_lazy("Method"),
            options=lambda: [(c, words.word(c)) for c in POLICY_METHODS],
        ),
        Choice(name="site", title=gettext_lazy("Site"), options=site_codes),
        Filter(name="buyer", title=gettext_lazy("Buyer")),
    ),
    empty=Empty(
        "basket",
        gettext_lazy("No policy yet"),
        gettext_lazy("A policy says when an item is ordered for a site, and how much."),
        gettext_lazy("New policy"),
        reverse_lazy("console:replenishment_policy_new"),
        "supply.edit",
    ),
)
