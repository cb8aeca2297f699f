"""Reads of filed documents. The content itself is handed out by `actions.view`, which records it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from auftakt.documents import rules
from auftakt.documents.types import DocumentFacts, ViewFacts
from auftakt.platform.sql import Statements
from auftakt.values import Finding

sql = Statements("auftakt.documents")


def of_subject(subject_ids: Sequence[UUID]) -> list[DocumentFacts]:
    """Every version of every document about these subjects: by subject and kind, the newest version first."""
    return [DocumentFacts(*row) for row in sql.rows("list_of_subjects", subjects=list(subject_ids))]


def documents(ids: Sequence[UUID]) -> dict[UUID, DocumentFacts]:
    """Documents by id; unknown ids are left out."""
    return {row[0]: DocumentFacts(*row) for row in sql.rows("list_documents", ids=list(ids))}


def views(document_ids: Sequence[UUID]) -> Mapping[UUID, list[ViewFacts]]:
    """Who opened documents and when, the latest first."""
    seen: dict[UUID, list[ViewFacts]] = {key: [] for key in document_ids}
    for row in sql.rows("list_views", ids=list(document_ids)):
        seen[row[0]].append(ViewFacts(*row))
    return seen


def upload_findings(filename: str, media_type: str, content: bytes) -> list[Finding]:
    """Every reason why `file` would not take this upload; empty when it is what it claims."""
    return rules.upload_findings(filename, media_type, content)
