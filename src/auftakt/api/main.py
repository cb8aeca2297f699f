"""The API: REST under /api/v1."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Router

from auftakt.api import (
    allocation,
    availability,
    billing,
    documents,
    fulfilment,
    health,
    items,
    journal,
    mails,
    making,
    order_verbs,
    parties,
    prices,
    purchases,
    replenishing,
    replenishment,
    reservations,
    runs,
    sourcing,
    stock,
    webhooks,
)
from auftakt.api.bodies import StrictParser
from auftakt.api.callers import PUBLIC
from auftakt.api.docs import page
from auftakt.api.faults import Problem, install, problem_response
from auftakt.api.openapi import document
from auftakt.api.registry import operation

_ALL = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


class Api(NinjaAPI):
    """NinjaAPI whose addresses tell every error as a problem."""

    def _get_urls(self) -> list[URLPattern | URLResolver]:
        found = super()._get_urls()[:-1]
        for pattern in found:
            if isinstance(pattern, URLPattern):
                pattern.callback = _with_problems(pattern.callback)
        return found


def _with_problems(view: Any) -> Any:
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"  # the server leaves the body out
        answer = view(request, *args, **kwargs)
        if answer.status_code == 405 and not answer.headers.get("Content-Type", "").startswith("application/problem"):
            allowed = answer.headers.get("Allow", "")
            problem = Problem(
                405, "method_not_allowed", f"{request.method} is not possible here; these are: {allowed}.",
                headers={"Allow": allowed}, allowed=allowed,
            )  # fmt: skip
            return problem_response(problem)
        return answer

    served.csrf_exempt = True  # type: ignore[attr-defined]
    return served


api = Api(
    title="Auftakt",
    version="1",
    description="Orders from capture to cash. Errors are problem+json with every finding at its JSON pointer.",
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    urls_namespace="api",
)
install(api)
for resource in (
    order_verbs, availability, reservations, prices, parties, items, stock, making, sourcing, allocation, purchases,
    replenishing,
    replenishment, fulfilment, billing, documents, runs, journal,
    mails, webhooks, health,
):  # fmt: skip
    api.add_router("", resource.router)

about = Router(tags=["about"])


@operation(about.get, "/openapi.json", needs=PUBLIC)
def openapi() -> HttpResponse:
    """This API as an OpenAPI 3.1 document."""
    return HttpResponse(document(api), content_type="application/json")


@operation(about.get, "/", needs=PUBLIC)
def entrance() -> HttpResponse:
    """The way to the documentation."""
    return HttpResponseRedirect("/api/v1/docs")


@operation(about.get, "/docs", needs=PUBLIC)
def documentation() -> HttpResponse:
    """This API for people."""
    return HttpResponse(page(api))


api.add_router("", about)
nowhere = Router()


@nowhere.api_operation(_ALL, "/{path:rest}", auth=None, include_in_schema=False)
def no_such_route(request: HttpRequest, rest: str) -> HttpResponse:
    """Every other address."""
    problem = Problem(404, "unknown_route", f"There is nothing at {request.path}; see /api/v1/docs.", path=request.path)
    return problem_response(problem)


api.add_router("", nowhere)
