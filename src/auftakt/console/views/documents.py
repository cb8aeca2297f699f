"""Filed documents, for those who may see them; each view is recorded."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.documents import actions


@needs("documents.view")
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The document's content, shown in the browser where it can."""
    here = edge(request)
    outcome = actions.view([document_id], actor=here.actor, at=here.at)
    if outcome.refused:
        raise Http404
    viewed = outcome.one()
    answer = HttpResponse(viewed.content, content_type=viewed.facts.media_type)
    kind = "inline" if viewed.facts.media_type in ("application/pdf", "image/png", "image/jpeg") else "attachment"
    answer["Content-Disposition"] = f'{kind}; filename="{viewed.facts.filename}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
