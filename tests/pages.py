"""Every address of the console, derived from its routes, with the rows that the addresses need.

A new route is covered by itself: its parameters are looked up by name (`order_id` is an `Order`), others in SAMPLES.
A page that this world never shows fails the test that walks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from auftakt.billing.types import INVOICE
from auftakt.console.urls import urlpatterns
from auftakt.identity import actions as identity
from auftakt.identity.types import UserDraft
from auftakt.orders.types import ORDER_NUMBERS
from tests import build
from tests.pages_world import EMOJI, LONG, RIGHT_TO_LEFT, world

__all__ = [
    "EMOJI",
    "LONG",
    "RIGHT_TO_LEFT",
    "Address",
    "addresses",
    "answers",
    "is_page",
    "pages",
    "routes",
    "signed_in",
    "unseen",
    "world",
]


@dataclass(frozen=True)
class Address:
    """A route, and one address of it."""

    route: str
    path: str


def routes() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of each route, and its parameters with their converters."""

    def walk(patterns: list[Any], before: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for each in patterns:
            named = {**before, **each.pattern.converters}
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, named)
            elif isinstance(each, URLPattern):
                yield str(each.name), named

    yield from walk(urlpatterns, {})


def _newest(model: str, field: str = "pk", **only: Any) -> list[Any]:
    return list(apps.get_model(model).objects.filter(**only).order_by("-pk").values_list(field, flat=True))


# Where a parameter takes its values from. `thing_id` is the key of the model `Thing`, without being told.
SAMPLES: dict[str, Callable[[], list[Any]]] = {
    "sku": lambda: ["BIKE", "LONG/SKU-0123456789"],
    "number": lambda: ["C-1", "C-LONG", "C/EMOJI", "C-ARABIC"],
    "bench.code": lambda: ["DC"],
    "bench_release.code": lambda: ["DC"],
    "bench_live.code": lambda: ["DC"],
    "waves.code": lambda: ["DC"],
    "receiving.code": lambda: ["DC"],
    "counting.code": lambda: ["DC"],
    "transfer_id": lambda: _newest("supply.TransferOrder"),
    "terms_id": lambda: _newest("supply.SupplierItem"),
    "purchase_id": lambda: _newest("supply.PurchaseOrder"),
    "paper": lambda: ["packing-slip"],
    "unit_edit.code": lambda: _newest("catalog.UnitOfMeasure", "code"),
    "price_list_edit.code": lambda: _newest("pricing.PriceList", "code"),
    "price_list.code": lambda: _newest("pricing.PriceList", "code"),
    "discount_edit.code": lambda: _newest("pricing.Discount", "code"),
    "zone_edit.code": lambda: _newest("pricing.ShippingZone", "code"),
    "policy_id": lambda: _newest("supply.ReplenishmentPolicy"),
    "policy.code": lambda: _newest("orchestration.Policy", "code"),
    "policy_edit.code": lambda: _newest("orchestration.Policy", "code"),
    **{f"allocation_{page}.code": lambda: ["scarce"] for page in ("rule", "edit", "publish", "retire", "adjust")},
    "demand_class.code": lambda: ["key"],
    **{f"sourcing_{page}.code": lambda: ["near"] for page in ("rule", "edit", "publish", "retire", "discard")},
    "terms_edit.code": lambda: _newest("parties.PaymentTerms", "code"),
    "entity_edit.code": lambda: _newest("parties.LegalEntity", "code"),
    "number_edit.name": lambda: [ORDER_NUMBERS.name, f"{INVOICE}:{_newest('parties.LegalEntity')[0]}"],
    "rate_id": lambda: _newest("compliance.TaxRate"),
    "import_template.kind": lambda: ["orders"],
    "import_template.ending": lambda: ["csv"],
    "key_id": lambda: _newest("identity.ApiKey"),
    "attempt_id": lambda: _newest("billing.PaymentAttempt"),
    "line_id": lambda: _newest("billing.BankLine"),
    "delivery_id": lambda: _newest("channels.WebhookDelivery"),
    "import_bad.job_id": lambda: _newest("platform.Job", kind__startswith="files."),
    "import_run.job_id": lambda: _newest("platform.Job", kind__startswith="files."),
    "view_id": lambda: _newest("identity.SavedView"),
    "subject": lambda: _newest("orders.Order"),
}
NOWHERE: dict[str, Any] = {"UUIDConverter": UUID(int=7), "IntConverter": 0, "StringConverter": "nowhere"}
NOWHERE |= {"PathConverter": "nowhere", "SlugConverter": "nowhere"}
# Routes whose pages differ much from row to row.
MANY = {"order", "order_edit", "customer", "item", "invoice", "release", "job", "number_edit"}
# Addresses that answer only when they are asked about something.
ASKED: dict[str, Callable[[], str]] = {
    "planning_weigh": lambda: f"?row={_newest('orders.FulfilmentLine', state='open', ship_on__isnull=False)[0]}",
    "dunning_letter": lambda: f"?of={_newest('billing.ReminderItem', 'invoice_id')[0]}:2",
}


def _values(route: str, parameter: str, converter: object) -> list[Any]:
    sample = SAMPLES.get(f"{route}.{parameter}") or SAMPLES.get(parameter)
    if sample is not None:
        return sample()
    thing = parameter.removesuffix("_id").replace("_", "")
    for model in apps.get_models():
        if model.__name__.lower() == thing:
            return _newest(model._meta.label)
        if parameter in ("code", "number", "name") and model.__name__.lower() == route.split("_", maxsplit=1)[0]:
            try:
                model._meta.get_field(parameter)
            except FieldDoesNotExist:
                continue
            return _newest(model._meta.label, parameter)
    return [NOWHERE[type(converter).__name__]]


def addresses() -> list[Address]:
    """Addresses of every route. Where the world holds no row, or the parameter is unknown, one that leads nowhere."""
    found = []
    for route, parameters in routes():
        chosen: list[dict[str, Any]] = [{}]
        for parameter, converter in parameters.items():
            values = _values(route, parameter, converter) or [NOWHERE[type(converter).__name__]]
            chosen = [{**each, parameter: value} for each in chosen for value in values]
        for each in chosen if route in MANY else chosen[:1]:
            asked = ASKED[route]() if route in ASKED else ""
            found.append(Address(route, reverse(f"console:{route}", kwargs=each) + asked))
    return found


def is_page(answer: Any) -> bool:
    """Whether it is a whole page (not a file, a fragment, or the refusal of a verb that takes POST alone)."""
    kind = answer.headers.get("Content-Type", "")
    is_html = answer.status_code == 200 and kind.startswith("text/html") and not answer.streaming
    return is_html and b"<html" in answer.content[:600]


def answers(client: Client) -> Iterator[tuple[Address, Any]]:
    """The addresses that are pages for this user, and what they answer."""
    for address in addresses():
        answer = client.get(address.path)
        assert answer.status_code < 500, address
        if is_page(answer):
            yield address, answer


def unseen(client: Client) -> list[str]:
    """Routes that answer a GET, but of which no address is found in this world."""
    answers: dict[str, set[int]] = {}
    for address in addresses():
        answers.setdefault(address.route, set()).add(client.get(address.path).status_code)
    return [route for route, statuses in answers.items() if statuses == {404}]


def pages(client: Client) -> list[Address]:
    """The addresses that are pages for this user."""
    return [address for address, _ in answers(client)]


def signed_in(*roles: str, language: str = "en") -> Client:
    """A client of a new user with these roles."""
    email = f"{'-'.join(roles)}-{language}@example.org"
    draft = UserDraft(email, "Robin Example", roles, "long enough to be safe", language)
    key = build.done(identity.create_users([draft], actor="test", at=timezone.now()))[0]
    client = Client(raise_request_exception=False)
    client.force_login(apps.get_model("identity.User").objects.get(pk=key))
    return client
