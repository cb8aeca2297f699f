"""Cards of parties: saved once, changed in place, journaled when something changed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.parties import actions, queries
from auftakt.parties.models import Address, Contact, Party
from auftakt.parties.types import (
    AddressDraft,
    AddressFor,
    ContactDraft,
    LegalEntityDraft,
    PartyDraft,
    PartyFilter,
    PaymentTermsDraft,
)
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: Any = {"actor": "test", "at": AT}
pytestmark = pytest.mark.django_db
BERLIN = AddressDraft("Hauptstr. 5", "Berlin", "DE", "10115")
PARIS = AddressDraft("1 rue de Rivoli", "Paris", "FR", "75001")


def rad(**changes: Any) -> PartyDraft:
    draft = PartyDraft(
        "C-1", "Rad GmbH", language="de", payment_terms="NET30", segment="dealer", email="info@rad.example",
        addresses=(BERLIN,), contacts=(ContactDraft("Anna", "Buyer"),), credit_limit=Decimal(1000),
    )  # fmt: skip
    return replace(draft, **changes)


@pytest.fixture(autouse=True)
def terms() -> None:
    actions.save_payment_terms([PaymentTermsDraft("NET30", "30 days net")], **BY)


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def violations() -> int:
    checks = [name for name in queries.sql.texts if name.startswith("verify_")]
    assert len(checks) == 3
    return sum(queries.sql.rows(name)[0][0] for name in checks)


def test_a_customer_is_saved_with_everything() -> None:
    (key,) = actions.save_parties([rad()], **BY).done
    profile = queries.customers_by_number(["C-1", "nobody"])["C-1"]
    assert (profile.id, profile.status, profile.language) == (key, "active", "de")
    assert profile.payment_terms
    assert profile.payment_terms.due_days == 30
    assert profile.bill_to == profile.ship_to == profile.addresses[0]
    assert profile.bill_to
    assert profile.bill_to.name == "Rad GmbH"
    card = queries.party_cards([key])[key]
    assert [contact.name for contact in card.contacts] == ["Anna"]
    assert card.credit
    assert card.credit.available == 1000
    assert verbs() == ["payment_terms.saved", "party.created", "party.credit_limited"]
    assert violations() == 0


def test_the_same_again_writes_and_journals_nothing() -> None:
    first = actions.save_parties([rad()], **BY).done
    before = verbs()
    with CaptureQueriesContext(connection) as seen:
        assert actions.save_parties([rad()], **BY).done == first
    assert verbs() == before
    assert not [query for query in seen if query["sql"].lower().startswith(("insert", "update", "delete", "copy"))]


def test_a_change_is_written_in_place_and_says_what_changed() -> None:
    (key,) = actions.save_parties([rad()], **BY).done
    old = queries.customers([key])[key].bill_to
    moved = rad(
        name="Rad AG", addresses=(replace(PARIS, name="Lager"), replace(BERLIN, name="Rad GmbH", ships=False)),
        contacts=(ContactDraft("Anna", "Boss"), ContactDraft("Bea")), credit_limit=None,
    )  # fmt: skip
    assert actions.save_parties([moved], **BY).done == (key,)
    profile = queries.customers([key])[key]
    assert profile.bill_to
    assert profile.bill_to.city == "Paris"
    assert old
    assert {address.id for address in profile.addresses} >= {old.id}
    assert [(contact.name, contact.role) for contact in queries.contacts([key])[key]] == [("Anna", "Boss"), ("Bea", "")]
    change = JournalEntry.objects.latest("id").change
    assert change["name"] == ["Rad GmbH", "Rad AG"]
    assert change["addresses"] == {"added": 1, "used_otherwise": 1}
    assert queries.credit([key])[key].limit == 1000
    assert violations() == 0


def test_an_address_that_is_dropped_is_archived_and_still_known() -> None:
    (key,) = actions.save_parties([rad()], **BY).done
    (old,) = queries.customers([key])[key].addresses
    actions.save_parties([rad(addresses=(PARIS,))], **BY)
    assert [address.city for address in queries.customers([key])[key].addresses] == ["Paris"]
    assert queries.addresses([old.id])[old.id].city == "Berlin"
    actions.save_parties([rad(addresses=None)], **BY)
    assert [address.city for address in queries.customers([key])[key].addresses] == ["Paris"]
    assert violations() == 0


def test_bad_drafts_are_refused_with_every_place_and_the_good_go_in() -> None:
    drafts = [
        rad(),
        rad(number="C-2", currency="EURO", payment_terms="NET99", addresses=(replace(BERLIN, postal_code="1"),)),
        rad(name="Again"),
        rad(number="C-3", contacts=(ContactDraft(""), ContactDraft("A", email="x"))),
    ]
    outcome = actions.save_parties(drafts, **BY)
    assert len(outcome.done) == 1
    assert [(refusal.subject, refusal.findings[0].facts["index"]) for refusal in outcome.refused] == [
        ("C-2", "1"), ("C-1", "2"), ("C-3", "3")
    ]  # fmt: skip
    places = [[finding.place for finding in refusal.findings] for refusal in outcome.refused]
    assert places == [
        ["/currency", "/payment_terms", "/addresses/0/postal_code"],
        ["/number"],
        ["/contacts/0/name", "/contacts/1/email"],
    ]
    assert Party.objects.count() == Address.objects.count() == Contact.objects.count() == 1


def test_an_address_from_an_order_is_kept_once() -> None:
    (key,) = actions.save_parties([rad(addresses=())], **BY).done
    wanted = [AddressFor(key, PARIS), AddressFor(key, PARIS), AddressFor(new_id(), PARIS), AddressFor(key, BERLIN)]
    outcome = actions.save_addresses([*wanted, AddressFor(key, AddressDraft("x", "y", "DE"))], **BY)
    first, again, other = outcome.done
    assert first == again != other
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [
        ("4", "postal_code_missing"), ("2", "party_unknown")
    ]  # fmt: skip
    assert actions.save_addresses(wanted[:1], **BY).done == (first,)
    profile = queries.customers([key])[key]
    assert profile.bill_to
    assert profile.bill_to.id == first
    assert verbs().count("party.address_added") == 2
    assert violations() == 0


def test_a_party_is_blocked_and_unblocked_by_name() -> None:
    (key,) = actions.save_parties([rad()], **BY).done
    assert actions.block_parties([key], **BY).done == (key,)
    assert queries.customers([key])[key].status == "blocked"
    assert actions.block_parties([key, new_id()], **BY).refused[0].code == "party_blocked"
    assert actions.unblock_parties([key], **BY).done == (key,)
    assert actions.unblock_parties([new_id()], **BY).refused[0].code == "party_unknown"


def test_terms_and_legal_entities_are_saved_once() -> None:
    assert actions.save_payment_terms([PaymentTermsDraft("NET30", "30 days net")], **BY).done == ("NET30",)
    entity = LegalEntityDraft(
        "DE", "Auftakt GmbH", "Hauptstr. 1", "Berlin", "DE", "EUR", "10115", iban="DE89 3704 0044 0532 0130 00"
    )
    wrong = replace(entity, code="FR", country="FR", currency="FRF")
    outcome = actions.save_legal_entities([entity, wrong], **BY)
    assert [finding.place for finding in outcome.refused[0].findings] == ["/currency"]
    assert actions.save_legal_entities([entity], **BY).done == outcome.done
    assert queries.legal_entities()["DE"].iban == "DE89370400440532013000"
    assert verbs() == ["payment_terms.saved", "legal_entity.saved"]
    assert list(queries.payment_terms()) == ["NET30"]


def test_search_and_list() -> None:
    drafts = [rad(), rad(number="C-10", name="100% Räder"), rad(number="S-1", name="Naben AG", is_supplier=True)]
    actions.save_parties(drafts, **BY)
    assert [found.number for found in queries.search_parties("c-1")] == ["C-1", "C-10"]
    assert [found.number for found in queries.search_parties("0% r")] == ["C-10"]
    assert queries.search_parties("  ") == []
    assert [card.number for card in queries.list_parties(PartyFilter(role="supplier"))] == ["S-1"]
    assert [card.number for card in queries.list_parties(after="C-1", limit=1)] == ["C-10"]
    assert [card.number for card in queries.list_parties(PartyFilter(text="rad", segment="dealer"))] == [
        "C-1", "C-10", "S-1"
    ]  # fmt: skip
    assert queries.segments() == ["dealer"]


def test_statements_do_not_grow_with_the_batch() -> None:
    def count(name: str, amount: int) -> tuple[int, int, int]:
        drafts = [rad(number=f"{name}-{number}") for number in range(amount)]
        with CaptureQueriesContext(connection) as saving:
            ids = actions.save_parties(drafts, **BY).done
        assert len(ids) == amount
        moved = [replace(draft, name="Neu", addresses=(PARIS,), contacts=()) for draft in drafts]
        with CaptureQueriesContext(connection) as changing:
            actions.save_parties(moved, **BY)
        with CaptureQueriesContext(connection) as reading:
            assert len(queries.customers(ids)) == amount
        return len(saving), len(changing), len(reading)

    assert count("A", 1) == count("B", 200)
    assert count("C", 1)[2] == 2
