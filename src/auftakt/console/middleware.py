"""The language of a page: the user's own, else what the browser asks for; in it for exactly one request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

LANGUAGES = {code for code, _ in settings.LANGUAGES}
LANGUAGE_COOKIE = "auftakt_language"


class LanguageMiddleware:
    """Activates the language per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request)):
            answer = self.get_response(request)
            if request.path.startswith("/console/"):
                answer.headers.setdefault("Content-Language", translation.get_language() or "en")
                if request.user.is_authenticated:
                    answer.headers.setdefault("Cache-Control", "private, no-store")
                answer.headers.setdefault(
                    "Content-Security-Policy",
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                    "frame-ancestors 'none'; "
                    "form-action 'self'; base-uri 'none'; object-src 'none'",
                )
            return answer


def language_of(request: HttpRequest) -> str:
    """The user's language; before log-in the cookie's, then the browser's."""
    chosen = request.user.language if request.user.is_authenticated else request.COOKIES.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else translation.get_language_from_request(request)
