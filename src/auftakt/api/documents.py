"""Documents on file. Whoever opens one is written down."""

from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import missing
from auftakt.api.pages import single
from auftakt.api.registry import Answered, Page, operation
from auftakt.documents import actions, queries
from auftakt.documents.types import DocumentFacts, ViewFacts

router = Router(tags=["documents"])


@operation(router.get, "/documents", needs="documents.view", answers=DocumentFacts, page=True)
def list_documents(caller: Caller, subject_id: UUID) -> Page:
    """List every version of every document about a subject: an invoice, a release, a shipment, an order."""
    return Page(queries.of_subject([subject_id]))


@operation(router.get, "/documents/{uuid:document_id}", needs="documents.view", answers=DocumentFacts)
def get_document(caller: Caller, document_id: UUID) -> DocumentFacts:
    """Get what is known of a document."""
    found = queries.documents([document_id])
    if document_id not in found:
        raise missing("document", document_id)
    return found[document_id]


@operation(router.get, "/documents/{uuid:document_id}/content", needs="documents.view"
)  # fmt: skip
def get_document_content(caller: Caller, document_id: UUID) -> Answered:
    """Get the file itself. This is recorded."""
    viewed = single(actions.view([document_id], actor=caller.actor, at=caller.at))
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in viewed.facts.filename)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"', "X-Content-Type-Options": "nosniff"}
    return Answered(viewed.content, headers=headers, media_type=viewed.facts.media_type)


@operation(router.get, "/documents/{uuid:document_id}/views", needs="documents.view", answers=ViewFacts, page=True)
def list_document_views(caller: Caller, document_id: UUID) -> Page:
    """List who opened a document and when, the latest first."""
    if document_id not in queries.documents([document_id]):
        raise missing("document", document_id)
    return Page(queries.views([document_id])[document_id])
