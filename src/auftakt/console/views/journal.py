"""What happened, by whom."""

from django.http import HttpRequest, HttpResponse

from auftakt.console import tables
from auftakt.console.lists import journal as lists
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs


@needs("journal.view")
def journal(request: HttpRequest) -> HttpResponse:
    """The journal, the newest first, narrowed by who, what, to what and when."""
    return tables.answer(request, lists.journal(edge(request).zone))
