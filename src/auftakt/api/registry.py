"""Operations: each is declared in one place with its permission, and everything common to all happens here."""

import hashlib
import inspect
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, is_dataclass
from functools import wraps
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query

from auftakt.api.bodies import Body, body_of, drafted
from auftakt.api.callers import Guard, check_permission
from auftakt.api.faults import Problem, problem_response, refused
from auftakt.api.wire import encode, plain
from auftakt.platform import idempotency
from auftakt.platform.idempotency import OtherContentError, StillRunningError, StoredAnswer
from auftakt.values import RefusedError

View = Callable[..., Any]
MEGABYTE = 1024 * 1024
SINGLE, BULK = MEGABYTE, 64 * MEGABYTE
_SWEEP_SECONDS = 3600.0
_METHODS = ("get", "post", "put", "delete", "patch")
_NOT_KEPT = frozenset({409, 429})
"""Answers that another try may change."""
Fields = Annotated[str, Query(max_length=500, description="Only these fields, with commas between.")]


@dataclass(frozen=True, slots=True)
class Answered:
    """A view's answer where it is more than a value with status 200."""

    value: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `next` is the cursor of the following one, empty on the last."""

    rows: Sequence[Any]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known of an operation: for the documentation, and for the proof that each has its rule."""

    method: str
    path: str
    needs: str
    name: str
    title: str
    text: str
    resource: str
    answers: Any = None
    takes: type[Body] | None = None
    is_bulk: bool = False
    is_page: bool = False
    speaks: bool = False
    example: str = ""


REGISTRY: list[Operation] = []


def operation(
    add: Callable[..., Any],
    path: str,
    *,
    needs: str,
    answers: Any = None,
    takes: type[Body] | None = None,
    bulk: bool = False,
    page: bool = False,
    speaks: bool = False,
    title: str = "",
    name: str = "",
    example: str = "",
) -> Callable[[View], View]:
    """Declare an operation: `operation(router.get, "/orders", needs="orders.view")`.

    The view names what it wants: `caller`, `request`, parameters of path and query, a body (a Body, or a dataclass that
    is made from one). It returns a value, a Page, or an Answered, or raises Problem or RefusedError.
    The guard stands first: caller, rate, permission, size of the body. A POST with an Idempotency-Key is done once, its
    answer stored in the same transaction, unless it is bulk or `speaks` with outside systems. `answers` is the type of
    the answer, of a row of it for a `page`; `bulk` takes NDJSON, `takes` one line of it.
    """
    check_permission(needs)
    router: Any = add.__self__  # type: ignore[attr-defined]
    method = add.__name__
    if method not in _METHODS:
        raise ValueError(f"declare operations with one of {_METHODS}, not {method}")

    def mark(view: View) -> View:
        text = inspect.getdoc(view) or ""
        said = title or text.split("\n", 1)[0].rstrip(".")
        own_name = name or view.__name__
        resource = (router.tags or ["other"])[0]
        entry = Operation(
            method, path, needs, own_name, said, text, resource, answers, takes, bulk, page, speaks, example
        )
        REGISTRY.append(entry)
        router.api_operation(
            [method.upper()],
            path,
            auth=Guard(needs, BULK if bulk else SINGLE),
            operation_id=own_name,
            summary=said,
            description=text,
            url_name=own_name,
        )(_served(entry, view))
        return view

    return mark


def _served(entry: Operation, view: View) -> View:
    """The view as ninja calls it: it gets what it names, and its answer becomes a response."""
    taken = inspect.signature(view).parameters
    asked, drafts = _asked(entry, taken)
    known = frozenset(asked)
    may_replay = entry.method == "post"
    together = not (entry.is_bulk or entry.speaks)

    @wraps(view)
    def served(request: HttpRequest, **values: Any) -> HttpResponse:
        _know(request, known)
        values.pop("fields", None)
        if drafts:
            values = {key: drafted(each) if key in drafts else each for key, each in values.items()}
        if "caller" in taken:
            values["caller"] = request.auth  # type: ignore[attr-defined]
        if "request" in taken:
            values["request"] = request

        def work() -> HttpResponse:
            return _answer(request, view, values)

        if may_replay and "HTTP_IDEMPOTENCY_KEY" in request.META:
            return _once(request, work, together=together)
        return work()

    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=HttpRequest)
    served.__signature__ = inspect.Signature([first, *asked.values()])  # type: ignore[attr-defined]
    return served


def _asked(entry: Operation, taken: Any) -> tuple[dict[str, inspect.Parameter], frozenset[str]]:
    """What a request says of its own: parameters of path and query, and the body; and which are bodies of drafts."""
    asked: dict[str, inspect.Parameter] = {}
    drafts: set[str] = set()
    for key, each in taken.items():
        if key in ("request", "caller"):
            continue
        shape = each.annotation
        if isinstance(shape, type) and is_dataclass(shape):
            drafts.add(key)
            shape = body_of(shape)
        asked[key] = each.replace(annotation=shape, kind=inspect.Parameter.KEYWORD_ONLY)
    if entry.method == "get" and entry.answers is not None:
        asked["fields"] = inspect.Parameter("fields", inspect.Parameter.KEYWORD_ONLY, default="", annotation=Fields)
    return asked, frozenset(drafts)


def _know(request: HttpRequest, known: frozenset[str]) -> None:
    strange = sorted(set(request.GET) - known)
    if strange:
        text = f"There is no parameter {strange[0]!r} here; there are {', '.join(sorted(known)) or 'none'}."
        raise Problem(422, "unknown_parameter", text, parameter=strange[0])


def _sparse(request: HttpRequest, told: Any) -> Any:
    """The fields that were asked for; raises Problem for one that is not there."""
    asked = [each.strip() for each in request.GET.get("fields", "").split(",") if each.strip()]
    if not asked or not isinstance(told, dict):
        return told
    strange = [each for each in asked if each not in told]
    if strange:
        raise Problem(
            422, "unknown_field", f"There is no field {strange[0]!r}; there are {', '.join(told)}.", field=strange[0]
        )
    return {each: told[each] for each in asked}


def _answer(request: HttpRequest, view: View, values: dict[str, Any]) -> HttpResponse:
    try:
        answer = view(**values)
        return _response(request, answer)
    except RefusedError as error:
        named = [str(each) for each in request.resolver_match.kwargs.values()] if request.resolver_match else []
        return problem_response(refused(error.refused, named=named))
    except Problem as problem:
        return problem_response(problem)


def _response(request: HttpRequest, answer: Any) -> HttpResponse:
    if isinstance(answer, HttpResponse):
        return answer
    if not isinstance(answer, Answered):
        answer = Answered(answer)
    if isinstance(answer.value, Page):
        rows = [_sparse(request, plain(row)) for row in answer.value.rows]
        answer = Answered({"items": rows, "next": answer.value.next or None}, answer.status, answer.headers)
    elif "fields" in request.GET and not isinstance(answer.value, bytes):
        answer = Answered(_sparse(request, plain(answer.value)), answer.status, answer.headers)
    body = answer.value if isinstance(answer.value, bytes) else encode(answer.value)
    return HttpResponse(body, status=answer.status, content_type=answer.media_type, headers=answer.headers)


def _once(request: HttpRequest, work: Callable[[], HttpResponse], *, together: bool) -> HttpResponse:
    """Do the work unless it was done before under the caller's key; then give the same answer again."""
    key = request.META["HTTP_IDEMPOTENCY_KEY"].strip()
    caller = request.auth  # type: ignore[attr-defined]
    if not key or len(key) > 255 or not key.isprintable():
        raise Problem(400, "bad_idempotency_key", "An Idempotency-Key has 1 to 255 printable characters.")
    said = f"{request.method} {request.get_full_path()}\n".encode("utf-8", "replace") + request.body
    scope, fingerprint = caller.actor, hashlib.sha256(said).hexdigest()
    _sweep(caller.at)
    try:
        with idempotency.claimed(scope, key):
            before = idempotency.recall(scope, key, fingerprint)
            if before:
                again = {**before.headers, "Idempotency-Replayed": "true"}
                return HttpResponse(before.body, status=before.status, headers=again)
            with transaction.atomic() if together else nullcontext():
                answer = work()
                if answer.status_code < 500 and answer.status_code not in _NOT_KEPT:
                    stored = StoredAnswer(answer.status_code, answer.content, dict(answer.headers))
                    idempotency.keep(scope, key, fingerprint, stored, at=caller.at)
            return answer
    except StillRunningError as error:
        detail = "The request with this Idempotency-Key is still running: wait for its answer."
        raise Problem(409, "still_running", detail, headers={"Retry-After": "1"}) from error
    except OtherContentError as error:
        detail = "This Idempotency-Key was used for another request: use a new key for every new request."
        raise Problem(422, "idempotency_key_reused", detail) from error


_swept = threading.local()


def _sweep(at: Any) -> None:
    """Once an hour, forget the answers that are too old."""
    now = time.monotonic()
    if now >= getattr(_swept, "next", 0.0):
        _swept.next = now + _SWEEP_SECONDS
        idempotency.forget(at=at)
