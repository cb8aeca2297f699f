"""Confirmations of many orders as one paper to print: each is put on file by itself, then all of them as one."""

from datetime import datetime
from io import BytesIO
from uuid import UUID

from pypdf import PdfReader, PdfWriter

from auftakt.channels.mail.actions import file_confirmations
from auftakt.channels.mail.queries import gather
from auftakt.documents import actions as documents
from auftakt.documents.types import DocumentDraft
from auftakt.platform import jobs
from auftakt.platform.jobs import Chunk, JobFacts, Kind, Note, Step
from auftakt.values import Outcome, Refusal

MOST = 500
_PDF = "application/pdf"


def _print(chunk: Chunk) -> Step:
    """Confirmations of the next orders, in the languages of their customers."""
    keys = [UUID(row.key) for row in chunk.rows]
    known = gather(keys)
    good = [key for key in keys if key in known.orders and known.orders[key].submitted_at]
    papers = file_confirmations(known, good, actor=chunk.job.actor, at=chunk.at)
    refused = tuple(
        Refusal.because(key, "order_not_submitted", "It is a draft: submit it before it is confirmed.")
        for key in keys
        if key not in papers
    )
    before: list[str] = chunk.checkpoint.get("papers", [])
    return Step.of(chunk.rows, Outcome((), refused), checkpoint={"papers": [*before, *map(str, papers.values())]})


def _bind(job: JobFacts, at: datetime) -> Step:
    """All of them as one document; who printed has seen each."""
    papers = [UUID(key) for key in dict.fromkeys(job.checkpoint.get("papers", []))]
    if not papers:
        return Step()
    writer = PdfWriter()
    for viewed in documents.view(papers, actor=job.actor, at=at).done:
        writer.append(PdfReader(BytesIO(viewed.content)), import_outline=False)
    writer.compress_identical_objects()
    bound = BytesIO()
    writer.write(bound)
    draft = DocumentDraft(
        "order_confirmations", "job", job.id, "", "", f"order-confirmations-{at:%Y-%m-%d}.pdf", _PDF, bound.getvalue()
    )
    paper = documents.file([draft], actor=job.actor, at=at).one()
    return Step(result={"document": str(paper)}, notes=[Note("filed")])


PRINT = jobs.register(Kind("orders.print", _print, rows=25, finish=_bind))
