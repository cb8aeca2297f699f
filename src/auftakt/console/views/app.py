"""The console as an app on a phone: manifest, service worker, and the page for when there is no line.

None of them holds anything private: they are made for strangers, and only these and public files are kept on the phone.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from auftakt.console.middleware import speaks
from auftakt.console.permissions import public

ASSETS = Path(__file__).parent.parent / "static" / "console"
HTMX = "django_htmx/htmx-2.min.js"
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))


def _wished(request: HttpRequest) -> str:
    """The language in the address: the app asks before anybody is logged in."""
    wished = request.GET.get("language", "")
    return wished if speaks(wished) else translation.get_language() or settings.LANGUAGE_CODE


@public
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to install the console."""
    language = _wished(request)
    with translation.override(language):
        told = {
            "id": "/console/",
            "name": _("Auftakt: orders, stock and money"),
            "short_name": "Auftakt",
            "description": _("The desk for orders, from the first beat to the last."),
            "lang": language,
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
            "start_url": reverse("console:home"),
            "scope": "/console/",
            "display": "standalone",
            "background_color": "#10262e",
            "theme_color": "#10262e",
            "icons": [
                {"src": static(f"console/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
                for name, size, purpose in ICONS
            ],
            "shortcuts": [
                {"name": str(title), "url": reverse(f"console:{route}")}
                for title, route in ((_("New order"), "order_new"), (_("Fulfilment bench"), "bench_sites"))
            ],
        }
    return JsonResponse(told, content_type="application/manifest+json", headers={"Cache-Control": "max-age=3600"})


@cache
def _kept() -> tuple[str, tuple[str, ...]]:
    """The public files that the worker keeps, and a name for their present contents."""
    names = sorted(path.name for path in ASSETS.iterdir() if path.suffix in {".css", ".js", ".svg", ".png"})
    held = hashlib.sha256()
    for name in names:
        held.update((ASSETS / name).read_bytes())
    found = finders.find(HTMX)
    held.update(Path(str(found)).read_bytes())
    return held.hexdigest()[:12], (*(static(f"console/{name}") for name in names if name != "sw.js"), static(HTMX))


@public
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, told what to keep and in which language to say that the line is gone."""
    language = _wished(request)
    version, files = _kept()
    facts = {
        "cache": f"auftakt-{version}-{language}",
        "files": files,
        "offline": f"{reverse('console:offline')}?language={language}",
    }
    text = f"const KEPT = {json.dumps(facts)};\n{(ASSETS / 'sw.js').read_text('utf-8')}"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@public
def offline(request: HttpRequest) -> HttpResponse:
    """What the phone shows when it has no line."""
    language = _wished(request)
    with translation.override(language):
        frame = {"language": language, "languages": (), "theme": "", "words": {}}
        return render(request, "console/offline.html", {"console": frame})
