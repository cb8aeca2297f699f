"""Lists as people work with them: declared once, sorted, filtered, chosen, kept, exported.

TERMS = Table(
    name="terms",
    title=_("Payment terms"),
    columns=(Column("code", _("Code"), head=True), Column("due_days", _("Days"), "number", sort="due_days")),
    read=queries.payment_terms,
)

@needs("parties.view")
def terms(request):
    return tables.answer(request, TERMS)
"""

from auftakt.console.tables.columns import Column
from auftakt.console.tables.filters import Choice, Days, Filter, Pick, Span, Toggle
from auftakt.console.tables.table import Asked, Bulk, Empty, Table, Total
from auftakt.console.tables.view import answer

__all__ = [
    "Asked",
    "Bulk",
    "Choice",
    "Column",
    "Days",
    "Empty",
    "Filter",
    "Pick",
    "Span",
    "Table",
    "Toggle",
    "Total",
    "answer",
]
