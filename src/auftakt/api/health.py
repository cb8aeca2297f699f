"""Whether this process serves, for load balancers and for those on duty."""

from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router

from auftakt.api.callers import PUBLIC
from auftakt.api.registry import operation
from auftakt.promising import queries as promising

router = Router(tags=["about"])


@operation(router.get, "/health", needs=PUBLIC)
def health(request: HttpRequest) -> HttpResponse:
    """200 when this process and its database serve, else 503.

    `promising` is the supply picture of this very process, null before its first promise: its epoch and size, its age
    (seconds since it was read whole), its lag (seconds since it last followed the database, which every question does
    first) and the changes that running transactions had not ended by then.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Error as error:
        return JsonResponse(
            {"status": "no_database", "detail": type(error).__name__, "promising": _picture()}, status=503
        )
    return JsonResponse({"status": "ok", "promising": _picture()})


def _picture() -> dict[str, Any] | None:
    state = promising.picture_state()
    if state is None:
        return None
    now = timezone.now()
    return {
        "epoch": state.epoch,
        "items": state.items,
        "buckets": state.buckets,
        "bytes": state.bytes,
        "age_s": round((now - state.loaded_at).total_seconds(), 1),
        "lag_s": round((now - state.followed_at).total_seconds(), 1),
        "passing": state.passing,
    }
