"""Pure decisions of documents: whether a file is what it claims, and how a paper's data is put into words."""

from auftakt.documents.rules.barcode import code128, code128_symbols
from auftakt.documents.rules.content import look_at, upload_findings
from auftakt.documents.rules.labels import LABELS
from auftakt.documents.rules.sheets import language_of, prepare

__all__ = ["LABELS", "code128", "code128_symbols", "language_of", "look_at", "prepare", "upload_findings"]
