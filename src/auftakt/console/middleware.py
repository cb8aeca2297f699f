"""The language and formats of a page: the user's own, else what the browser asks for; for exactly one request.

And what is told when the database is away: a page that needs none.
"""

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import translation

from auftakt.console import formats
from auftakt.console.views import errors

LANGUAGE_COOKIE = "auftakt_language"


def speaks(language: str) -> bool:
    """Whether the console speaks a language."""
    return language in dict(settings.LANGUAGES)


class LanguageMiddleware:
    """Activates the language per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Text with a NUL can be stored nowhere; it comes from a broken scanner or from somebody who tries doors."""
        if not request.path.startswith("/console/"):
            return None
        typed = [*request.GET.lists(), *request.POST.lists()]
        if "\0" in request.path or any("\0" in value for _name, values in typed for value in values):
            return errors.unreadable(request)
        return None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            user = request.user
            known = bool(user.is_authenticated)
        except OperationalError:
            if not request.path.startswith("/console/"):
                raise
            with translation.override(_before_log_in(request)):
                return errors.away(request)
        with translation.override(language_of(request)), formats.using(user.formats if known else ""):
            answer = self.get_response(request)
            if request.path.startswith("/console/"):
                answer.headers.setdefault("Content-Language", translation.get_language() or "en")
                if known:
                    answer.headers.setdefault("Cache-Control", "private, no-store")
                answer.headers.setdefault(
                    "Content-Security-Policy",
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                    "frame-ancestors 'none'; "
                    "form-action 'self'; base-uri 'none'; object-src 'none'",
                )
            if isinstance(answer, StreamingHttpResponse) and not answer.is_async:
                answer.streaming_content = _as_begun(
                    answer.streaming_content, translation.get_language() or "en", user.formats if known else ""
                )
            return answer


def _as_begun(parts: Iterable[bytes], language: str, wished: str) -> Iterator[bytes]:
    """The rest of a long answer, which is written after its request has ended, in the language it began in."""
    rest = iter(parts)
    while True:
        with translation.override(language), formats.using(wished):
            part = next(rest, None)
        if part is None:
            return
        yield part


def language_of(request: HttpRequest) -> str:
    """The user's language; before log-in the cookie's, then the browser's."""
    chosen = request.user.language if request.user.is_authenticated else ""
    return chosen if speaks(chosen) else _before_log_in(request)


def _before_log_in(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    return chosen if speaks(chosen) else translation.get_language_from_request(request)
