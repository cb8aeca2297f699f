"""What is held while somebody is deciding: the list, the release, the item's page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from auftakt.promising import actions, queries
from auftakt.promising.models import Commitment
from auftakt.promising.types import ReservationDraft, ReservationFacts
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db


def reserve(*quantities: int, sku: str = "BIKE", owner: str = "cart 7") -> list[ReservationFacts]:
    now = timezone.now()
    drafts = [
        ReservationDraft("cart", owner, now + timedelta(hours=1), Decimal(each), "DE", sku) for each in quantities
    ]
    return list(build.done(actions.reserve(drafts, actor="key:shop", at=now)))


def test_the_list_and_releasing_from_it() -> None:
    build.company()
    first, second = reserve(2, 3)
    client = logged_in("sales")
    page = client.get(reverse("console:reservations"), {"state": "open"}).content.decode()
    assert page.count("cart 7") >= 2
    answer = client.post(reverse("console:reservations_release"), {"row": [str(first.id), "nonsense"]}, follow=True)
    assert "1 reservation is released." in answer.content.decode()
    states = {key: each.state for key, each in queries.reservations([first.id, second.id]).items()}
    assert states == {first.id: "released", second.id: "open"}
    again = client.post(reverse("console:reservations_release"), {"row": [str(first.id)]}, follow=True)
    assert "has ended already" in again.content.decode()
    client.post(reverse("console:reservations_release"), {"filter": "state=open"})
    assert not Commitment.objects.exists()


def test_who_may_only_look_cannot_release() -> None:
    build.company()
    (held,) = reserve(2)
    viewer = logged_in("viewer")
    assert viewer.get(reverse("console:reservations")).status_code == 200
    assert viewer.post(reverse("console:reservations_release"), {"row": [str(held.id)]}).status_code == 403
    assert queries.reservations([held.id])[held.id].state == "open"


def test_the_items_page_says_how_much_is_reserved_for_whom() -> None:
    build.company()
    client = logged_in("sales")
    assert 'id="reserved"' not in client.get(reverse("console:item", args=["BIKE"])).content.decode()
    reserve(2, 3)
    page = client.get(reverse("console:item", args=["BIKE"])).content.decode()
    card = page.split('id="reserved"')[1].split("</section>")[0]
    assert card.count("cart 7") == 2
    assert "<small>5 each</small>" in card


def test_many_cost_as_many_statements_as_few() -> None:
    build.company()
    client = logged_in("sales")

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("console:reservations"))
            client.get(reverse("console:item", args=["LOCK"]))
        return len(seen)

    reserve(1, sku="LOCK")
    statements()
    few = statements()
    reserve(*[1] * 30, sku="LOCK")
    assert statements() == few
