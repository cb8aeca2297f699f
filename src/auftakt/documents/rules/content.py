"""Whether a file is what it claims to be, judged by its first and last bytes."""

import io
import zipfile

from auftakt.documents.types import MAX_BYTES, MEDIA_TYPES
from auftakt.values import Finding

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MARKUP = ("<!doctype", "<html", "<?xml", "<svg", "<script", "<?php", "#!", "{\\rtf")
_CONTROLS = frozenset(range(32)) - {9, 10, 13}


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return "[Content_Types].xml" in names and "xl/workbook.xml" in names and "xl/vbaProject.bin" not in names


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if text.lstrip()[:16].lower().startswith(_MARKUP):
        return False
    return not any(byte in _CONTROLS for byte in content)


def look_at(content: bytes) -> str:
    """The media type that the bytes themselves speak of, one of MEDIA_TYPES; empty when none of them."""
    if content.startswith(b"%PDF-"):
        return "application/pdf" if b"%%EOF" in content[-2048:] else ""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png" if content[12:16] == b"IHDR" else ""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"RIFF"):
        return "image/webp" if content[8:12] == b"WEBP" and content[12:15] == b"VP8" else ""
    if content.startswith(b"PK"):
        return _XLSX if _is_workbook(content) else ""
    return "text/csv" if _is_text(content) else ""


def _is_plain_name(filename: str) -> bool:
    is_short = 0 < len(filename) <= 200
    return is_short and not filename.startswith(".") and filename.isprintable() and not set(filename) & {"/", "\\"}


def upload_findings(filename: str, media_type: str, content: bytes) -> list[Finding]:
    """Every reason not to take this file. Codes: filename_bad, filename_mismatch, media_type_unknown, content_empty,
    content_too_large, content_mismatch."""
    findings: list[Finding] = []
    if not _is_plain_name(filename):
        message = "give the file a plain name of at most 200 characters, without folders and not starting with a dot"
        findings.append(Finding("filename_bad", message, "/filename", {"filename": filename[:200]}))
    if media_type not in MEDIA_TYPES:
        message = f"{media_type or 'no media type'} is not accepted; send one of {', '.join(sorted(MEDIA_TYPES))}"
        findings.append(Finding("media_type_unknown", message, "/media_type", {"media_type": media_type}))
        return findings
    ending = filename.rpartition(".")[2].lower()
    if ending not in MEDIA_TYPES[media_type]:
        message = f"{filename} does not end like {media_type}; expected .{' or .'.join(MEDIA_TYPES[media_type])}"
        findings.append(Finding("filename_mismatch", message, "/filename", {"filename": filename}))
    if not content:
        findings.append(Finding("content_empty", f"{filename} is empty; send the file again", "/content"))
    elif len(content) > MAX_BYTES:
        message = f"{filename} has {len(content)} bytes; at most {MAX_BYTES} are kept: make it smaller"
        findings.append(Finding("content_too_large", message, "/content", {"size": str(len(content))}))
    elif (seen := look_at(content)) != media_type:
        found = seen or "something else"
        message = f"{filename} claims to be {media_type} but its content is {found}; send the real file"
        facts = {"filename": filename, "claimed": media_type, "found": seen}
        findings.append(Finding("content_mismatch", message, "/content", facts))
    return findings
