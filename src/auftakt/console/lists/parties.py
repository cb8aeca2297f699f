"""Lists of customers."""

from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words
from auftakt.console.queries import customers as reads
from auftakt.console.tables import Choice, Column, Empty, Table


def _page(row: Any) -> str:
    return reverse("console:customer", args=[row.number])


def _place(row: Any) -> str:
    return f"{row.city}, {row.country}" if row.city else ""


def _limit(row: Any) -> str:
    return _("no limit") if row.credit_limit is None else formats.money(row.credit_limit, row.currency)


CUSTOMERS = Table(
    name="customers",
    title=gettext_lazy("Customers"),
    words=gettext_lazy("Name, number or e-mail"),
    sort="name",
    read=reads.customer_list,
    href=_page,
    columns=(
        Column("name", gettext_lazy("Name"), sort="name", head=True),
        Column("number", gettext_lazy("Number"), sort="number"),
        Column("place", gettext_lazy("Place"), show=_place, value=_place),
        Column("segment", gettext_lazy("Segment")),
        Column("status", gettext_lazy("State"), "badge"),
        Column("credit_drawn", gettext_lazy("Credit used"), "money"),
        Column("credit_limit", gettext_lazy("Credit limit"), "money", show=_limit),
        Column("email", gettext_lazy("E-mail"), shown=False),
        Column("kind", gettext_lazy("Kind"), "word", shown=False),
    ),
    filters=(
        Choice(
            name="segment", title=gettext_lazy("Segment"), options=lambda: [(code, code) for code in reads.segments()]
        ),
        Choice(
            name="status",
            title=gettext_lazy("State"),
            options=lambda: [(code, words.word(code)) for code in ("active", "blocked")],
            chips=True,
        ),
    ),
    empty=Empty(
        "customers",
        gettext_lazy("No customer yet"),
        gettext_lazy("Create the first one by hand, or import a file."),
        gettext_lazy("New customer"),
        reverse_lazy("console:customer_new"),
        "parties.edit",
    ),
)
