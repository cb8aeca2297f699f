"""A form that could not be taken (the session ended, the page was too old) is kept and can be sent again.

What was typed travels signed inside the page, to nobody else; passwords are left out, files cannot be kept.
"""

from typing import NamedTuple

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

SALT = "auftakt.console.kept"
LARGEST = 400_000  # characters, as a form of thousands of lines has
HOURS = 12
_OURS = ("csrfmiddlewaretoken", "kept")


class Kept(NamedTuple):
    """Where a form was sent, and what was in it."""

    path: str
    fields: list[tuple[str, str]]

    @property
    def typed(self) -> list[str]:
        """The first things that were typed, for people to know it again."""
        return list(dict.fromkeys(value[:80] for name, value in self.fields if value.strip() and name != "next"))[:12]


def keep(request: HttpRequest) -> str:
    """The form of this request, sealed; empty when there is none to keep."""
    if request.method != "POST":
        return ""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _OURS and "password" not in name
        for value in values
    ]
    if not fields or sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return ""
    return signing.dumps([request.get_full_path(), fields], salt=SALT, compress=True)


def opened(request: HttpRequest, sealed: str) -> Kept | None:
    """What `keep` sealed, if it was us and not long ago."""
    try:
        path, fields = signing.loads(sealed, salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        return None
    if not url_has_allowed_host_and_scheme(path, {request.get_host()}) or not path.startswith("/console/"):
        return None
    return Kept(path, [(name, value) for name, value in fields])


def again(request: HttpRequest, kept: Kept, title: str, text: str, status: int = 200) -> HttpResponse:
    """The page that offers to send it again."""
    told = {"kept": kept, "title": title, "text": text, "next": "/console/"}
    return render(request, "console/kept.html", told, status=status)


def is_ours(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on a page of ours: only then may it be offered again."""
    site = request.headers.get("Sec-Fetch-Site", "")
    origin = request.headers.get("Origin", "")
    return site == "same-origin" if site else origin == f"{request.scheme}://{request.get_host()}"
