"""Lists of allocation: rules, and the tree of demand classes."""

from datetime import date
from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _

from auftakt.console.queries.statements import sql
from auftakt.console.tables import Column, Empty, Table, Toggle


def _rule(row: Any) -> str:
    return reverse("console:allocation_rule", args=[row.code])


def _class(row: Any) -> str:
    return reverse("console:demand_class", args=[row.code])


def _name(row: Any) -> str:
    return "– " * (row.level - 1) + str(row.name)


def allocations_for(today: date) -> Table:
    """The allocation rules, as they stand on a day."""
    return Table(
        name="allocation",
        title=_("Allocation rules"),
        words=_("Name or code"),
        sort="code",
        read=lambda asked: asked.page(sql, "allocation_rows", today=today),
        href=_rule,
        columns=(
            Column("code", _("Rule"), sort="code", head=True, link=_rule, note="name", noted=_("Name")),
            Column("state", _("State"), "badge"),
            Column("product", _("Product")),
            Column("site", _("Site"), show=lambda row: row.site or (_("every site") if row.product else "")),
            Column("version", _("Version"), value=lambda row: row.version or None),
            Column("from_on", _("Holds from"), "day"),
            Column("until_on", _("Until before"), "day"),
        ),
        filters=(Toggle(name="in_force", title=_("In force")),),
        empty=Empty(
            "swap",
            _("No allocation rule yet"),
            _("Without one supply is first come, first served. A rule keeps shares of it for demand classes."),
            _("New allocation rule"),
            reverse_lazy("console:allocation_new"),
            "sourcing.edit",
        ),
    )


def classes() -> Table:
    """The demand classes, as a tree."""
    return Table(
        name="demand_classes",
        title=_("Demand classes"),
        words=_("Name or code"),
        sort="place",
        read=lambda asked: asked.page(sql, "demand_class_rows"),
        href=_class,
        columns=(
            Column("place", _("Class"), sort="place", head=True, link=_class, show=_name, value=_name),
            Column("code", _("Code"), sort="code"),
            Column("parent", _("Below")),
            Column("rank", _("Rank"), "number"),
        ),
        empty=Empty(
            "customers",
            _("No demand class yet"),
            _("Classes say whose demand it is: key accounts, retail, web shop."),
            _("New demand class"),
            reverse_lazy("console:demand_class_new"),
            "sourcing.edit",
        ),
    )
