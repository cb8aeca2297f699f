"""Long work in words: what a job does, how it stands, what its log says, and where its rows lead."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words
from auftakt.platform.jobs import JobFacts, NoteFacts

SILENT = timedelta(seconds=60)

KINDS: Mapping[str, Any] = {
    "orders.hold": gettext_lazy("Put orders on hold"),
    "orders.release": gettext_lazy("Release holds"),
    "orders.cancel": gettext_lazy("Cancel orders"),
    "orders.repromise": gettext_lazy("Promise orders anew"),
    "orders.print": gettext_lazy("Print order confirmations"),
    "reminders.mail": gettext_lazy("Send payment reminders by mail"),
    "supply.replenish": gettext_lazy("Look what is to be ordered"),
    "files.check": gettext_lazy("Check a file"),
    "files.import": gettext_lazy("Import a file"),
}
FAULTS: Mapping[str, Any] = {
    "fault": gettext_lazy(
        "A fault of ours stopped it. What was done before stays done; the log holds the details for administrators."
    ),
    "unknown_kind": gettext_lazy("The worker does not know this kind of work: bring it to the same version."),
    "file_gone": gettext_lazy("The file is not kept any more: hand it in again."),
}
NOTES: Mapping[str, Any] = {
    "started": gettext_lazy("A worker began"),
    "finished": gettext_lazy("Done"),
    "fault": gettext_lazy("Stopped by a fault"),
    "unknown_kind": gettext_lazy("The worker does not know this kind of work"),
    "again": gettext_lazy("Asked for again"),
    "not_released": gettext_lazy("Not released"),
    "filed": gettext_lazy("The paper is on file"),
}
TONES: Mapping[str, tuple[str, str]] = {
    "started": ("info", "play"),
    "finished": ("ok", "check"),
    "fault": ("bad", "warning"),
    "unknown_kind": ("bad", "warning"),
    "again": ("info", "retry"),
    "filed": ("ok", "document"),
}
AGAIN: Mapping[str, Any] = {
    "rest": gettext_lazy("the rest"),
    "refused": gettext_lazy("the refused rows"),
    "all": gettext_lazy("everything"),
}


_PAGES = {"orders.": "console:order", "reminders.": "console:reminder_paper"}


def kind(code: str) -> str:
    """What a kind of job does."""
    return str(KINDS.get(code) or words.word(code.replace(".", " ")))


def detail(title: Mapping[str, Any]) -> str:
    """What a job was told: reasons, notes, the file's name."""
    told = [words.word(title[name]) for name in ("of", "reason", "scope") if title.get(name)]
    told += [str(title[name]) for name in ("note", "file") if title.get(name)]
    return " · ".join(told)


def fault(job: JobFacts) -> str:
    """Why a job failed, for everybody."""
    return str(FAULTS.get(job.fault) or job.fault)


def note(line: NoteFacts) -> str:
    """A line of the log."""
    text = str(NOTES.get(line.code) or words.word(line.code))
    if line.code == "again":
        return f"{text}: {AGAIN.get(line.facts.get('which', ''), '')} · {line.facts.get('actor', '')}"
    if line.facts.get("told"):
        return f"{text}: {line.facts['told']}"
    return text


def leads_somewhere(kind_of_job: str) -> bool:
    """Whether the rows of a kind of job are things that have a page."""
    return kind_of_job.startswith(tuple(_PAGES))


def row_href(kind_of_job: str, key: str) -> str:
    """The page that a row of a job is about."""
    page = next((page for begin, page in _PAGES.items() if kind_of_job.startswith(begin)), "")
    return reverse(page, args=[key]) if page else ""


def row_label(kind_of_job: str, key: str, label: str) -> str:
    """What a row is called."""
    if label:
        return label
    return _("Line %(line)s") % {"line": formats.number(int(key))} if key.isdigit() else key


def is_silent(seen: datetime | None, now: datetime) -> bool:
    """Whether no worker has given a sign of life for a minute: then a job would wait for ever."""
    return seen is None or now - seen > SILENT
