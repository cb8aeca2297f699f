"""What the palette and the fields of customers find: numbers and their beginnings, names by any of their words."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.billing.models import Invoice
from auftakt.console.queries import customer_options
from auftakt.orders.models import Order
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
FIND = "console:find"


@pytest.fixture
def people() -> None:
    """Customers whose names are awkward."""
    build.company()
    names = {
        "K-1": "Müller-Lüdenscheidt & Söhne GmbH",
        "K-2": "Fahrradhaus Mueller",
        "K-3": "ÖKO Räder Strauß",
        "K-4": "100% Rad_Lager",
        "K-20": "Zwölf \\ Speichen",
        "k-lower": "Café d'Été",
        "K-7": "Велосипед Москва",
        "RAD-9": "Anna Ärmel",
    }
    build.done(parties.save_parties([PartyDraft(*each) for each in names.items()], actor="t", at=build.AT))


def found(text: str, limit: int = 12) -> list[str]:
    """The numbers of the customers a word leads to, the nearest first."""
    return [row.number for row in customer_options(text, limit=limit)]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("müller", {"K-1", "K-2"}),
        ("MÜLLER", {"K-1", "K-2"}),
        ("muller", {"K-1", "K-2"}),
        ("mueller", {"K-1", "K-2"}),
        ("mu\u0308ller", {"K-1", "K-2"}),  # an umlaut in two characters, as some keyboards send it
        ("lüd", {"K-1"}),
        ("söhne müll", {"K-1"}),
        ("Müller-Lü", {"K-1"}),
        ("strauss", {"K-3"}),
        ("STRAUß", {"K-3"}),
        ("oko", {"K-3"}),
        ("cafe ete", {"k-lower"}),
        ("моск", {"K-7"}),
        ("k-2", {"K-2", "K-20"}),
        ("K-LOWER", {"k-lower"}),
        ("20 zwo", {"K-20"}),
        ("rad", {"C-1", "K-3", "K-4", "RAD-9"}),
        ("rad lager", {"K-4"}),
        ("  anna  ", {"RAD-9"}),
        ("adhaus", set()),
        ("anna mueller", set()),
    ],
)
def test_customers_are_found_by_numbers_and_words(people: None, typed: str, numbers: set[str]) -> None:
    assert set(found(typed)) == numbers


def test_the_number_comes_before_the_beginning_of_a_name_and_that_before_its_words(people: None) -> None:
    assert found("rad") == ["RAD-9", "C-1", "K-4", "K-3"]
    assert found("rad", limit=2) == ["RAD-9", "C-1"]


@pytest.mark.parametrize(
    "typed",
    ["%", "_", "%%", "__", "\\", "'", "':*", "& ! (", "|", "<->", "\u20ac\u20ac", "🚲", "_%", "*", "$", "--"],
)
def test_signs_are_no_patterns(people: None, typed: str) -> None:
    assert found(typed) == []
    answer = logged_in("admin").get(reverse(FIND), {"q": typed * 2})
    assert answer.status_code == 200
    assert not any(answer.context["found"].get(kind) for kind in ("orders", "invoices", "shipments", "purchases"))


@pytest.mark.parametrize("typed", ["x" * 5000, "müller " * 900, "1" * 300, "\u0130" * 200, "ae" * 400])
def test_long_and_odd_texts_are_answered(people: None, typed: str) -> None:
    client = logged_in("admin")
    assert client.get(reverse(FIND), {"q": typed}).status_code == 200
    assert client.get(reverse("console:customer_options"), {"q": typed}).status_code == 200


def test_nothing_typed_offers_the_first_customers(people: None) -> None:
    assert found("", limit=3) == ["K-4", "RAD-9", "C-2"]


def test_a_supplier_is_no_customer(people: None) -> None:
    assert found("frames") == []
    assert "S-1" not in found("S-1")


def test_orders_and_papers_are_found_by_the_beginning_of_their_numbers() -> None:
    build.company()
    client, order = logged_in("admin"), Order.objects.get(id=build.order(stage="billed"))
    build.order(stage="billed")
    Order.objects.filter(id=order.id).update(external_reference="Shop/4711_a", customer_reference="bestellung 5%")
    invoice = Invoice.objects.get(order=order)

    def seen(typed: str) -> dict[str, list[Any]]:
        return client.get(reverse(FIND), {"q": typed}).context["found"]

    for typed in (order.number, order.number.lower(), order.number[3:], "Shop/4711_"):
        assert [row.number for row in seen(typed)["orders"]] == [order.number], typed
    assert [row.number for row in seen("bestellung 5%")["orders"]] == [order.number]
    assert seen("Shop/4711%")["orders"] == seen("Shop_4711")["orders"] == seen("estellung")["orders"] == []
    assert len(seen(order.number[:6])["orders"]) == 2
    for typed in (invoice.number, invoice.number.lower(), invoice.number.replace("-", "")):
        assert [row.number for row in seen(typed)["invoices"]] == [invoice.number], typed
    assert len(seen(invoice.number[:-3])["invoices"]) == 2


def test_finding_costs_as_many_statements_whatever_is_there() -> None:
    build.company()
    client, counts = logged_in("admin"), []
    for more in (0, 40):
        drafts = [PartyDraft(f"N-{number}", f"Nord {number}") for number in range(more)]
        build.done(parties.save_parties(drafts, actor="t", at=build.AT)) if drafts else None
        for typed in ("nord", "N-", "zz", "SO-0"):
            client.get(reverse(FIND), {"q": typed})
            with CaptureQueriesContext(connection) as seen:
                client.get(reverse(FIND), {"q": typed})
            counts.append(len(seen))
    assert len(set(counts)) == 1
