"""Numbers of customers: the next of the range where none is given, never one that is in use."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import build

from auftakt.parties import actions, queries
from auftakt.parties.models import Party
from auftakt.parties.types import CUSTOMER_NUMBERS, PartyDraft
from auftakt.platform import numbering
from auftakt.platform.numbering import NumberChange

pytestmark = pytest.mark.django_db
BY: Any = {"actor": "test", "at": build.AT}


def saved(*drafts: PartyDraft) -> list[str]:
    """The numbers under which drafts were saved."""
    ids = build.done(actions.save_parties(drafts, **BY))
    numbers = dict(Party.objects.filter(id__in=ids).values_list("id", "number"))
    return [numbers[key] for key in ids]


def nobody(name: str = "Rad GmbH", **more: Any) -> PartyDraft:
    return PartyDraft("", name, **more)


@pytest.fixture(autouse=True)
def _begin() -> None:
    """A counter is not turned back with its transaction: each test begins behind what others drew."""
    first = numbering.next_counts([CUSTOMER_NUMBERS])[CUSTOMER_NUMBERS.name]
    change = NumberChange(CUSTOMER_NUMBERS.name, "C", 5, first + 100)
    build.done(numbering.change_numbers([change], known=[CUSTOMER_NUMBERS], **BY))


def test_a_customer_without_a_number_gets_the_next() -> None:
    expected = queries.next_customer_number()
    first, own, second = saved(nobody(), PartyDraft("MINE", "Own number"), nobody("Zweirad AG"))
    assert (first, own) == (expected, "MINE")
    assert int(second[1:]) == int(first[1:]) + 1
    assert queries.next_customer_number() == f"C{int(second[1:]) + 1}"


def test_numbers_given_by_hand_are_passed_by() -> None:
    ahead = int(queries.next_customer_number()[1:]) + 5
    assert saved(PartyDraft(f"C{ahead}", "Imported")) == [f"C{ahead}"]
    assert queries.next_customer_number() == f"C{ahead + 1}"
    assert saved(nobody(), nobody("Zweirad AG")) == [f"C{ahead + 1}", f"C{ahead + 2}"]


def test_numbers_in_use_are_never_drawn() -> None:
    count = int(queries.next_customer_number()[1:])
    Party.objects.bulk_create(
        Party(number=f"C{count + more}", kind="person", name="Old", currency="EUR", created_at=build.AT)
        for more in (0, 1, 7)
    )
    assert queries.next_customer_number() == f"C{count + 8}"
    assert saved(nobody()) == [f"C{count + 8}"]


def test_the_house_writes_the_range_as_it_likes() -> None:
    change = NumberChange(CUSTOMER_NUMBERS.name, "KD-", 7, None)
    build.done(numbering.change_numbers([change], known=[CUSTOMER_NUMBERS], **BY))
    expected = queries.next_customer_number()
    assert expected.startswith("KD-00")
    assert saved(nobody()) == [expected]


def test_what_cannot_be_saved_draws_no_number_and_suppliers_need_their_own() -> None:
    before = queries.next_customer_number()
    bad = actions.save_parties([nobody(currency="XX"), nobody(is_customer=False, is_supplier=True)], **BY)
    assert not bad.done
    assert [{each.place for each in refusal.findings} for refusal in bad.refused] == [{"/currency"}, {"/number"}]
    assert queries.next_customer_number() == before
    assert not Party.objects.exists()


def test_a_batch_costs_as_many_statements_as_one() -> None:
    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            saved(*(nobody(f"Rad {number}") for number in range(count)))
        return len(seen)

    assert cost(1) == cost(60)
