"""Filed documents, for those who may see them; each view is recorded."""

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.documents import actions, queries
from auftakt.identity.queries import may

MONEY_RIGHT = "billing.view"
MONEY_KINDS = frozenset({"invoice", "credit_note", "reminder"})


def may_open(roles: Iterable[str], kind: str) -> bool:
    """Whether a document of this kind is open to these roles: papers about money need the right to see invoices."""
    return kind not in MONEY_KINDS or may(roles, MONEY_RIGHT)


@needs("documents.view")
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The document's content, shown in the browser where it can."""
    here = edge(request)
    known = queries.documents([document_id]).get(document_id)
    if known is None:
        raise Http404
    if not may_open(request.user.roles, known.kind):
        raise PermissionDenied(MONEY_RIGHT)
    outcome = actions.view([document_id], actor=here.actor, at=here.at)
    if outcome.refused:
        raise Http404
    viewed = outcome.one()
    answer = HttpResponse(viewed.content, content_type=viewed.facts.media_type)
    kind = "inline" if viewed.facts.media_type in ("application/pdf", "image/png", "image/jpeg") else "attachment"
    answer["Content-Disposition"] = f'{kind}; filename="{viewed.facts.filename}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
