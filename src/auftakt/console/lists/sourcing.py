"""Lists of sourcing: rules, and what they are assigned to."""

from datetime import date
from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import words
from auftakt.console.countries import country
from auftakt.console.queries import sourcing as reads
from auftakt.console.sourcing_words import MODES
from auftakt.console.tables import Bulk, Choice, Column, Empty, Table, Toggle


def _rule(row: Any) -> str:
    return reverse("console:sourcing_rule", args=[row.code])


def _mode(row: Any) -> str:
    return str(MODES.get(row.mode, ""))


def _version(row: Any) -> str:
    told = str(row.version) if row.version else ""
    return f"{told} + {_('draft')}" if told and row.has_draft else told


def rules_for(today: date) -> Table:
    """The sourcing rules, as they stand on a day."""
    return Table(
        name="sourcing",
        title=_("Sourcing rules"),
        words=_("Name or code"),
        sort="code",
        read=lambda asked: reads.rule_list(asked, today),
        href=_rule,
        columns=(
            Column("code", _("Rule"), sort="code", head=True, link=_rule, note="name", noted=_("Name")),
            Column("state", _("State"), "badge"),
            Column("version", _("Version"), show=_version, value=lambda row: row.version or None),
            Column("mode", _("Promised"), show=_mode, value=_mode),
            Column("sources", _("Sources"), "number", sort="sources"),
            Column("assignments", _("Assigned"), "number", sort="assignments"),
            Column("from_on", _("Holds from"), "day"),
        ),
        filters=(
            Toggle(name="in_force", title=_("In force")),
            Toggle(name="draft", title=_("With a draft")),
            Choice(name="mode", title=_("Promised"), options=lambda: list(MODES.items())),
        ),
        empty=Empty(
            "swap",
            _("No sourcing rule yet"),
            _("Without one every site with a lane ships what it has. A rule says from where, and how it is promised."),
            _("New sourcing rule"),
            reverse_lazy("console:sourcing_new"),
            "sourcing.edit",
        ),
    )


def _product(row: Any) -> Any:
    if not row.product_kind:
        return _("any")
    return format_html("{} {}<small>{}</small>", words.word(row.product_kind), row.product, row.product_name)


def _customer(row: Any) -> Any:
    if not row.customer_kind:
        return _("any")
    return format_html("{} {}<small>{}</small>", words.word(row.customer_kind), row.customer, row.customer_name)


def _place(row: Any) -> str:
    if not row.country:
        return _("any")
    return f"{country(row.country)}, {row.region}" if row.region else country(row.country)


def _rule_of(row: Any) -> str:
    return reverse("console:sourcing_rule", args=[row.rule])


def _plain(kind: str, code: str) -> Any:
    return lambda row: f"{getattr(row, kind)} {getattr(row, code)}".strip()


def assignments_for(today: date) -> Table:
    """What rules are assigned to, as they stand on a day."""
    return Table(
        name="sourcing_assignments",
        title=_("Sourcing assignments"),
        words=_("Item, category, brand or customer"),
        sort="rule",
        read=lambda asked: reads.assignment_list(asked, today),
        columns=(
            Column("rule", _("Rule"), sort="rule", head=True, link=_rule_of, note="rule_name", noted=_("Name")),
            Column("product", _("Product"), sort="product", show=_product, value=_plain("product_kind", "product")),
            Column("customer", _("Customer"), show=_customer, value=_plain("customer_kind", "customer")),
            Column("country", _("Ships to"), sort="country", show=_place, value=_place),
            Column("channel", _("Channel"), sort="channel", show=lambda row: row.channel or _("any")),
            Column("in_force", _("In force"), "yes"),
        ),
        filters=(
            Choice(name="rule", title=_("Rule"), options=reads.rule_codes),
            Choice(name="country", title=_("Ships to"), options=lambda: [(c, country(c)) for c in reads.countries()]),
            Choice(name="channel", title=_("Channel"), options=lambda: [(each, each) for each in reads.channels()]),
        ),
        bulk=(Bulk("sourcing_unassign", gettext_lazy("Take away"), "trash", "sourcing.edit", tone="bad"),),
        empty=Empty(
            "swap",
            _("Nothing assigned yet"),
            _("A rule is used for what it is assigned to: an item, a category, a customer, a country, or everything."),
            _("Assign a rule"),
            reverse_lazy("console:sourcing_assign"),
            "sourcing.edit",
        ),
    )
