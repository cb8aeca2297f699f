"""Errors as problem+json (RFC 9457): every finding with its stable code and the JSON pointer of its place."""

import json
import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from auftakt.values import Finding, Refusal, RefusedError

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/v1/docs"
_log = logging.getLogger(__name__)
TITLES = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "There is no such thing",
    405: "Not this method",
    409: "Not in this state",
    411: "Say how long it is",
    412: "Somebody changed it meanwhile",
    413: "Too large",
    415: "Not this media type",
    422: "The request has faults",
    429: "Too many requests",
    500: "This should not have happened",
    503: "Try again in a moment",
}


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """An answer that says what is wrong."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
        place: str = "",
        **facts: object,
    ) -> None:
        super().__init__(detail)
        said = {name: str(value) for name, value in facts.items()}
        self.status, self.code, self.detail = status, code, detail
        self.findings = tuple(findings) or (Finding(code, detail, place, said),)
        self.headers = dict(headers or {})


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as every answer shows it."""
    facts = {name: str(value) for name, value in finding.facts.items()}
    return {"code": finding.code, "message": finding.message, "place": finding.place, "facts": facts}


def problem_response(problem: Problem) -> HttpResponse:
    """The answer for a problem."""
    body = {
        "type": f"{DOCS}#errors",
        "title": TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "findings": [finding_json(each) for each in problem.findings],
    }
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    response = HttpResponse(content, status=problem.status, content_type=MEDIA_TYPE, headers=problem.headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # what a caller did wrong is told to the caller
    return response


def refused(refusals: Iterable[Refusal], *, named: Iterable[str] = ()) -> Problem:
    """The problem of refusals. `named` are ids from the address.

    404: one of those is unknown. 409: a thing is not in the state for it, or the refusal may pass. 422: the content.
    """
    all_of_them = tuple(refusals)
    findings = tuple(finding for refusal in all_of_them for finding in refusal.findings)
    first = findings[0]
    in_address = {str(each) for each in named}
    if any(each.subject in in_address and _is_unknown(each.code) for each in all_of_them):
        status = 404
    elif any(each.transient for each in all_of_them) or all(
        each.subject in in_address and not each.findings[0].place for each in all_of_them
    ):
        status = 409
    else:
        status = 422
    return faulty(status, findings) if len(findings) > 1 else Problem(
        status, first.code, first.message, findings=findings
    )  # fmt: skip


def faulty(status: int, findings: Sequence[Finding]) -> Problem:
    """The problem of findings."""
    first = findings[0]
    detail = first.message if len(findings) == 1 else f"{len(findings)} problems; the first: {first.message}"
    return Problem(status, first.code, detail, findings=findings)


def missing(what: str, key: object) -> Problem:
    """There is no such thing at this address."""
    return Problem(404, f"unknown_{what.replace(' ', '_')}", f"There is no {what} {key}.", key=key)


def _is_unknown(code: str) -> bool:
    return code.startswith("unknown_") or code.endswith("_unknown")


def pointer(place: Iterable[object]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def shape_findings(errors: Iterable[Mapping[str, Any]], skip: int = 0) -> list[Finding]:
    """What is wrong with the shape of an input, from pydantic's errors; `skip` leaves out the first parts of places."""
    found: list[Finding] = []
    for error in errors:
        place = tuple(error["loc"])[skip:]
        name = str(place[-1]) if place else "the body"
        kind = str(error["type"])
        if kind == "extra_forbidden":
            code, text = "unknown_field", f"There is no field {name!r} here: leave it out or correct its name."
        elif kind == "missing":
            code, text = "missing_field", f"{name!r} is missing: give it."
        else:
            code = "wrong_type" if kind.endswith(("_type", "_parsing")) else "bad_value"
            text = f"{name}: {str(error['msg']).removeprefix('Value error, ')}."
        found.append(Finding(code, text, pointer(place)))
    return found


def install(api: NinjaAPI) -> None:
    """Let every error of the API be told as a problem."""

    @api.exception_handler(Problem)
    def told(_: HttpRequest, problem: Problem) -> HttpResponse:
        return problem_response(problem)

    @api.exception_handler(RefusedError)
    def told_refusal(_: HttpRequest, error: RefusedError) -> HttpResponse:
        return problem_response(refused(error.refused))

    @api.exception_handler(HttpError)
    def told_reading(_: HttpRequest, error: HttpError) -> HttpResponse:
        reason = error.__cause__ or error.__context__
        if isinstance(reason, Problem):
            return problem_response(reason)
        return problem_response(Problem(error.status_code, "bad_request", str(error)))

    @api.exception_handler(ValidationError)
    def told_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
        if not request.body and any(each["loc"][0] == "body" for each in error.errors):
            return problem_response(Problem(400, "body_missing", "The body is empty: send JSON."))
        findings: list[Finding] = []
        for each in error.errors:
            findings += shape_findings([each], skip=2 if each["loc"][0] == "body" else 1)
        return problem_response(faulty(422, findings))

    @api.exception_handler(Exception)
    def told_fault(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem_response(fault(request, error))


def fault(request: HttpRequest, error: Exception) -> Problem:
    """What an unexpected error is told as. A database that is away comes back; anything else is ours to mend."""
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "body_too_large", "The body is larger than 64 MB: send it in parts.")
    if isinstance(error, DataError):
        _log.warning("%s %s: %s", request.method, request.path, error)
        return Problem(422, "value_out_of_range", "A value is longer or larger than can be kept: shorten it.")
    if isinstance(error, OperationalError | InterfaceError):
        _log.warning("%s %s: %s", request.method, request.path, error)
        detail = "The database is busy or restarting: send the same request again in a moment."
        return Problem(503, "try_again", detail, headers={"Retry-After": "1"})
    mark = uuid.uuid4().hex[:12]
    _log.error("fault %s at %s %s", mark, request.method, request.path, exc_info=error)
    return Problem(500, "internal_fault", f"Something failed on our side; the log has it under {mark}.", fault=mark)
