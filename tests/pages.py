"""Every address of the console, derived from its routes, with the rows that the addresses need.

A new route is covered by itself: its parameters are looked up by name (`order_id` is an `Order`), others in SAMPLES.
A page that this world never shows fails the test that walks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft
from auftakt.console.urls import urlpatterns
from auftakt.fulfilment import actions as fulfilment
from auftakt.fulfilment import queries as shipping
from auftakt.fulfilment.types import WaveDraft
from auftakt.identity import actions as identity
from auftakt.identity.types import ApiKeyDraft, UserDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import PlacingDraft
from auftakt.orchestration import actions as orchestration
from auftakt.orders import actions as orders
from auftakt.parties import actions as parties
from auftakt.parties.types import AddressDraft, PartyDraft
from tests import build

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikationsbetrieb & Söhne GmbH & Co. Kommanditgesellschaft"
RIGHT_TO_LEFT = "شركة الدراجات الشمالية"
EMOJI = "🚲 <b>Rad & Tat</b> 🛠️ \u202eredro"


@dataclass(frozen=True)
class Address:
    """A route, and one address of it."""

    route: str
    path: str


def world() -> None:
    """A company with orders at every stage, and the names that break layouts."""
    build.company()
    actor, at = "test", build.AT
    for stage in (*build.STAGES, "cancelled"):
        build.order(stage=stage, lines=[("BIKE", "1"), ("SET", "1")] if stage == "submitted" else [("HELMET", "2")])
    _warehouse()
    held = build.order(lines=[("TYRE", "9"), ("FITTING", "1")])
    build.done(orders.hold([held], "fraud", "ask first", actor=actor, at=at))
    address = AddressDraft("Weg 1", LONG[:60], "DE", postal_code="10115")
    names = {"C-LONG": LONG, "C-ARABIC": RIGHT_TO_LEFT, "C/EMOJI": EMOJI}
    drafts = [
        PartyDraft(number, name, payment_terms="NET30", addresses=(address,), credit_limit=Decimal(100_000))
        for number, name in names.items()
    ]
    build.done(parties.save_parties(drafts, actor=actor, at=at))
    build.done(catalog.save_items([ItemDraft("LONG/SKU-0123456789", LONG, activate=True)], actor=actor, at=at))
    orchestration.install_default_policies(actor=actor, at=at)
    for number in names:
        build.order(customer=number, customer_reference=LONG[:100], notes=EMOJI)
    build.order(stage="billed", customer="C-LONG")
    build.done(identity.create_api_keys([ApiKeyDraft("Shop", ("orders.edit",))], actor=actor, at=at))


def _warehouse() -> None:
    """A wave to be picked, a delivery that is expected, and an item in a bin."""
    release = next(iter(shipping.releases(order_ids=[build.order(stage="released", lines=[("HELMET", "3")])]).values()))
    build.done(fulfilment.create_waves([WaveDraft(release.site_id, (release.id,))], actor="test", at=build.AT))
    build.done(inventory.place([PlacingDraft("DC", "HELMET", "A-03-12")], actor="test", at=build.AT))
    build.purchase("TYRE", "12", build.TODAY)


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


def _newest(model: str, field: str = "pk") -> list[Any]:
    return list(apps.get_model(model).objects.order_by("-pk").values_list(field, flat=True))


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
    "purchase_id": lambda: _newest("supply.PurchaseOrder"),
    "paper": lambda: ["packing-slip"],
    "unit_edit.code": lambda: _newest("catalog.UnitOfMeasure", "code"),
    "price_list_edit.code": lambda: _newest("pricing.PriceList", "code"),
    "price_list.code": lambda: _newest("pricing.PriceList", "code"),
    "discount_edit.code": lambda: _newest("pricing.Discount", "code"),
    "zone_edit.code": lambda: _newest("pricing.ShippingZone", "code"),
    "policy.code": lambda: _newest("orchestration.Policy", "code"),
    "policy_edit.code": lambda: _newest("orchestration.Policy", "code"),
    "terms_edit.code": lambda: _newest("parties.PaymentTerms", "code"),
    "entity_edit.code": lambda: _newest("parties.LegalEntity", "code"),
    "number_edit.name": lambda: _newest("platform.NumberRange", "name"),
    "rate_id": lambda: _newest("compliance.TaxRate"),
    "import_template.kind": lambda: ["orders"],
    "import_template.ending": lambda: ["csv"],
    "key_id": lambda: _newest("identity.ApiKey"),
    "attempt_id": lambda: _newest("billing.PaymentAttempt"),
    "view_id": lambda: _newest("identity.SavedView"),
    "subject": lambda: _newest("orders.Order"),
}
NOWHERE: dict[str, Any] = {"UUIDConverter": UUID(int=7), "IntConverter": 0, "StringConverter": "nowhere"}
NOWHERE |= {"PathConverter": "nowhere", "SlugConverter": "nowhere"}
# Routes whose pages differ much from row to row.
MANY = {"order", "order_edit", "customer", "item", "invoice", "release"}


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
            found.append(Address(route, reverse(f"console:{route}", kwargs=each)))
    return found


def is_page(client: Client, address: Address) -> bool:
    """Whether a GET answers with a whole page (not a file, a fragment, or a verb that takes POST alone)."""
    answer = client.get(address.path)
    assert answer.status_code < 500, address
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code != 200 or not kind.startswith("text/html") or answer.streaming:
        return False
    return b"<html" in answer.content[:600]


def unseen(client: Client) -> list[str]:
    """Routes that answer a GET, but of which no address is found in this world."""
    answers: dict[str, set[int]] = {}
    for address in addresses():
        answers.setdefault(address.route, set()).add(client.get(address.path).status_code)
    return [route for route, statuses in answers.items() if statuses == {404}]


def pages(client: Client) -> list[Address]:
    """The addresses that are pages for this user."""
    return [address for address in addresses() if is_page(client, address)]


def signed_in(*roles: str, language: str = "en") -> Client:
    """A client of a new user with these roles."""
    email = f"{'-'.join(roles)}-{language}@example.org"
    draft = UserDraft(email, "Robin Example", roles, "long enough to be safe", language)
    key = build.done(identity.create_users([draft], actor="test", at=timezone.now()))[0]
    client = Client(raise_request_exception=False)
    client.force_login(apps.get_model("identity.User").objects.get(pk=key))
    return client
