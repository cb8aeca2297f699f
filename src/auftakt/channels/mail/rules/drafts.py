"""Whether a mail can be sent as it is drafted, and its HTML where none is given."""

import re
from html import escape

from auftakt.channels.mail.types import MailDraft
from auftakt.values import Finding

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
MAX_SUBJECT, MAX_ADDRESS, MAX_ATTACHMENTS = 300, 254, 10


def normal_address(text: str) -> str:
    """A mail address as it is kept: without blanks around, the domain in lower case and in its ASCII form."""
    local, at, domain = text.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        ascii_domain = domain
    return f"{local}{at}{ascii_domain.lower()}"


def is_address(text: str) -> bool:
    """Whether this is one mail address, as the mail servers of the world take it."""
    local, at, domain = text.rpartition("@")
    labels = domain.split(".")
    dotted = not local.startswith(".") and not local.endswith(".") and ".." not in local
    return bool(
        at
        and len(text) <= MAX_ADDRESS
        and dotted
        and _LOCAL.fullmatch(local)
        and (len(labels) > 1 or domain == "localhost")
        and all(_LABEL.fullmatch(label) for label in labels)
    )


def draft_findings(draft: MailDraft) -> list[Finding]:
    """Every reason not to take this draft. Codes: mail_address_bad, mail_subject_missing, mail_text_missing,
    mail_attachments_many."""
    findings: list[Finding] = []
    for place, address in (("/to", draft.to), ("/reply_to", draft.reply_to)):
        if (address or place == "/to") and not is_address(normal_address(address)):
            message = f"{address[:100]!r} is no mail address: give one such as name@example.com."
            findings.append(Finding("mail_address_bad", message, place, {"address": address[:100]}))
    if not draft.subject.strip():
        findings.append(Finding("mail_subject_missing", "A mail needs a subject.", "/subject"))
    if not draft.text.strip():
        findings.append(Finding("mail_text_missing", "A mail needs a text.", "/text"))
    if len(draft.attachments) > MAX_ATTACHMENTS:
        message = f"A mail takes at most {MAX_ATTACHMENTS} attachments."
        findings.append(Finding("mail_attachments_many", message, "/attachments"))
    return findings


def one_line(text: str) -> str:
    """A text fit for a header: no line breaks or control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def html_of(text: str, language: str) -> str:
    """A text as a plain HTML page: paragraphs, and lines that begin with a bullet as a list."""
    blocks: list[str] = []
    for block in re.split(r"\n{2,}", text.strip()):
        lines = block.split("\n")
        if all(line.startswith("• ") for line in lines):
            items = "".join(f"<li>{escape(line[2:])}</li>" for line in lines)
            blocks.append(f"<ul>{items}</ul>")
        else:
            blocks.append(f"<p>{'<br>'.join(map(escape, lines))}</p>")
    body = "\n".join(blocks)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'
    )
