"""Files are judged by what they are, not by what they are called."""

import io
import zipfile

import pytest

from auftakt.documents import rules
from auftakt.documents.types import MAX_BYTES

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + bytes(8)
CSV = "sku,name\nA-1,Müller\n".encode()
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return buffer.getvalue()


XLSX = archive("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("filename", "media_type", "content"),
    [
        ("a.pdf", "application/pdf", PDF),
        ("a.png", "image/png", PNG),
        ("a.JPG", "image/jpeg", JPEG),
        ("a.webp", "image/webp", WEBP),
        ("a.csv", "text/csv", CSV),
        ("a.csv", "text/csv", b"\xef\xbb\xbf" + CSV),
        ("a.xlsx", SHEET, XLSX),
    ],
)
def test_honest_files_are_taken(filename: str, media_type: str, content: bytes) -> None:
    assert rules.upload_findings(filename, media_type, content) == []


@pytest.mark.parametrize(
    ("filename", "media_type", "content", "code"),
    [
        ("a.pdf", "application/pdf", PNG, "content_mismatch"),
        ("a.pdf", "application/pdf", b"%PDF-1.7 cut off", "content_mismatch"),
        ("a.png", "image/png", PDF, "content_mismatch"),
        ("a.jpg", "image/jpeg", b"<html>", "content_mismatch"),
        ("a.csv", "text/csv", b"<!DOCTYPE html><script>", "content_mismatch"),
        ("a.csv", "text/csv", XLSX, "content_mismatch"),
        ("a.csv", "text/csv", b"a,b\n\0", "content_mismatch"),
        ("a.csv", "text/csv", "a,ü".encode("cp1252"), "content_mismatch"),
        ("a.xlsx", SHEET, archive("word/document.xml"), "content_mismatch"),
        ("a.xlsx", SHEET, archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "content_mismatch"),
        ("a.xlsx", SHEET, b"PK\x03\x04 broken", "content_mismatch"),
        ("a.exe", "application/x-msdownload", b"MZ", "media_type_unknown"),
        ("a.exe", "application/pdf", PDF, "filename_mismatch"),
        ("../a.pdf", "application/pdf", PDF, "filename_bad"),
        ("a.pdf", "application/pdf", b"", "content_empty"),
        ("a.pdf", "application/pdf", PDF + bytes(MAX_BYTES), "content_too_large"),
    ],
)
def test_others_are_refused_by_name(filename: str, media_type: str, content: bytes, code: str) -> None:
    assert code in {finding.code for finding in rules.upload_findings(filename, media_type, content)}
