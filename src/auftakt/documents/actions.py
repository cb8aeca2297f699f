"""Verbs of documents: file, view, render. Whether somebody may see a document is decided at the edge."""

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import typst
from django.db import transaction

from auftakt.documents import rules
from auftakt.documents.queries import sql
from auftakt.documents.types import TEMPLATES, DocumentDraft, DocumentFacts, ViewedDocument
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.values import Outcome, Refusal, new_ids

_FOLDER = Path(__file__).parent / "templates"
_COLUMNS = (
    "id", "kind", "subject_type", "subject_id", "number", "version", "language", "filename", "media_type", "sha256",
    "size", "content", "created_at", "created_by",
)  # fmt: skip
_thread = threading.local()

Paper = tuple[UUID, str, str]
Newest = dict[Paper, tuple[int, str, UUID]]


def file(drafts: Sequence[DocumentDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Keep files. Content never changes: other content for the same subject, kind and language is a new version, the
    same content is the document that is there already. Done: document ids in input order.

    Refused (subject: the index), with every finding of `rules.upload_findings`: above all `content_mismatch`, a file
    that is not what it claims.
    """
    refused: list[Refusal] = []
    good: list[DocumentDraft] = []
    for index, draft in enumerate(drafts):
        findings = rules.upload_findings(draft.filename, draft.media_type, draft.content)
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good.append(draft)
    with transaction.atomic():
        done = _store(good, actor, at) if good else []
    return Outcome(tuple(done), tuple(refused))


def _store(drafts: Sequence[DocumentDraft], actor: str, at: datetime) -> list[UUID]:
    papers = [(draft.subject_id, draft.kind, draft.language) for draft in drafts]
    subjects, kinds, languages = columns(papers, 3)
    names = {"subjects": subjects, "kinds": kinds, "languages": languages}
    sql.rows("lock_papers", **names)
    newest: Newest = {row[:3]: row[3:] for row in sql.rows("newest_versions", **names)}
    done: list[UUID] = []
    rows: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    for key, paper, draft in zip(new_ids(len(drafts)), papers, drafts, strict=True):
        digest = sha256(draft.content).hexdigest()
        version, known, known_id = newest.get(paper, (0, "", key))
        if known == digest:
            done.append(known_id)
            continue
        newest[paper] = (version + 1, digest, key)
        done.append(key)
        rows.append((
            key, draft.kind, draft.subject_type, draft.subject_id, draft.number, version + 1, draft.language,
            draft.filename, draft.media_type, digest, len(draft.content), draft.content, at, actor,
        ))  # fmt: skip
        entries.append(Entry("document", key, {
            "kind": draft.kind, "number": draft.number, "version": version + 1, "of_type": draft.subject_type,
            "of": draft.subject_id, "sha256": digest,
        }))  # fmt: skip
    insert_rows("documents_document", _COLUMNS, rows)
    journal.write("document.filed", entries, actor=actor, at=at)
    return done


def view(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[ViewedDocument]:
    """Hand out documents with their content, and record who has seen them. Refused: `document_unknown`."""
    with transaction.atomic():
        found = {row[0]: row for row in sql.rows("read_contents", ids=list(ids))}
        refused = [
            Refusal.because(key, "document_unknown", f"There is no document {key}.") for key in ids if key not in found
        ]
        seen = [key for key in ids if key in found]
        rows = [(view_id, key, at, actor) for view_id, key in zip(new_ids(len(seen)), seen, strict=True)]
        insert_rows("documents_documentview", ("id", "document_id", "at", "actor"), rows)
        entries = [Entry("document", key, {"kind": found[key][1], "number": found[key][4]}) for key in seen]
        journal.write("document.viewed", entries, actor=actor, at=at)
    done = tuple(ViewedDocument(DocumentFacts(*found[key][:-1]), bytes(found[key][-1])) for key in seen)
    return Outcome(done, tuple(refused))


def render(template: str, data: Mapping[str, Any], language: str) -> bytes:
    """A PDF of one of TEMPLATES from plain data (the TypedDicts of `types` say which), in German or English.

    The same data gives the same bytes. Texts are printed as they are, never read as markup. Raises ValueError for an
    unknown template, KeyError for a missing field.
    """
    if template not in TEMPLATES:
        raise ValueError(f"there is no template {template!r}; there are {', '.join(TEMPLATES)}")
    words = json.dumps(rules.prepare(template, data, language), ensure_ascii=False)
    return _compiler().compile(str(_FOLDER / f"{template}.typ"), format="pdf", sys_inputs={"data": words})


def _compiler() -> typst.Compiler:
    """One compiler per thread. Only the typefaces that come with typst are used: papers look alike on every machine."""
    if not hasattr(_thread, "compiler"):
        _thread.compiler = typst.Compiler(root=str(_FOLDER), ignore_system_fonts=True)
    return _thread.compiler
