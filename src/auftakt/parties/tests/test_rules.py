"""Addresses by country, currencies, IBANs: without a database."""

from decimal import Decimal

import pytest

from auftakt.parties import rules
from auftakt.parties.types import PARTY_LIFECYCLE, AddressDraft, LegalEntityDraft, PartyDraft, PaymentTermsDraft


def codes(draft: AddressDraft) -> dict[str, str]:
    return {finding.place: finding.code for finding in rules.normal_address(draft)[1]}


def test_an_address_takes_the_form_of_its_country() -> None:
    address, found = rules.normal_address(AddressDraft(" 1 Pine  St ", "Seattle", "us", "98101", "washington"))
    assert not found
    assert (address.street, address.country, address.region) == ("1 Pine St", "US", "WA")
    address, found = rules.normal_address(AddressDraft("5 High St", "Warrington", "GB", "wa1 1dp", "England"))
    assert not found
    assert (address.postal_code, address.region) == ("WA1 1DP", "England")


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (AddressDraft("1 Pine St", "Seattle", "US"),
         {"/region": "region_missing", "/postal_code": "postal_code_missing"}),
        (AddressDraft("1 Pine St", "Seattle", "US", "10001", "WA"), {"/postal_code": "postal_code_invalid"}),
        (AddressDraft("1 Pine St", "Seattle", "US", "98101", "Bavaria"), {"/region": "region_unknown"}),
        (AddressDraft("", "", "DE", "1011"),
         {"/street": "street_missing", "/city": "city_missing", "/postal_code": "postal_code_invalid"}),
        (AddressDraft("Hauptstr. 1", "Berlin", "Germany", "10115"), {"/country": "country_unknown"}),
        (AddressDraft("Hauptstr. 1", "Berlin", "ZZ", "10115"), {"/country": "country_unknown"}),
        (AddressDraft("x" * 301, "Berlin", "DE", "10115", phone="call me"),
         {"/street": "too_long", "/phone": "phone_invalid"}),
        (AddressDraft("Rua 1", "Lisboa", "PT", "1756", as_given=True), {}),
        (AddressDraft("", "", "PT", as_given=True), {"/street": "street_missing"}),
    ],
)  # fmt: skip
def test_findings_name_the_field(draft: AddressDraft, expected: dict[str, str]) -> None:
    assert codes(draft) == expected


def test_a_block_follows_the_country_and_names_it_last() -> None:
    berlin = AddressDraft("Hauptstr. 5", "Berlin", "DE", "10115", name="Rad GmbH")
    assert rules.address_block(berlin, language="en", home_country="DE") == ["Rad GmbH", "Hauptstr. 5", "10115 Berlin"]
    seattle = AddressDraft("1 Pine St\nSuite 4", "Seattle", "US", "98101", "WA", name="Spokes")
    assert rules.address_block(seattle, language="de") == [
        "Spokes", "1 Pine St", "Suite 4", "Seattle, WA 98101", "Vereinigte Staaten"
    ]  # fmt: skip
    nowhere = AddressDraft("Only Street", "", "US", name="X")
    assert rules.address_block(nowhere, language="en") == ["X", "Only Street", "United States"]


def test_names_come_from_the_library() -> None:
    assert rules.country_name("FR", "de") == "Frankreich"
    assert rules.language_name("de", "en") == "German"
    assert rules.currency_name("USD", "de") == "US-Dollar"
    assert dict(rules.countries("en"))["AT"] == "Austria"
    assert {"EUR", "USD", "JPY"} <= rules.currencies()
    assert not {"DEM", "XXX"} & rules.currencies()


def test_a_party_draft_is_told_everything() -> None:
    draft = PartyDraft(
        "", "", kind="club", is_customer=False, currency="DEM", language="klingon", payment_terms="NEVER",
        email="nobody", vat_id="?", credit_limit=Decimal("1.005"),
        addresses=(
            AddressDraft("A 1", "Berlin", "DE", "10115", is_default_bill_to=True, bills=False),
            AddressDraft("A 2", "Berlin", "DE", "10115", is_default_bill_to=True),
        ),
    )  # fmt: skip
    found = rules.normal_party(draft, ["NET30"])[1]
    assert {finding.place for finding in found} == {
        "/number", "/name", "/kind", "/is_customer", "/currency", "/language", "/payment_terms", "/email", "/vat_id",
        "/credit_limit", "/addresses/1/is_default_bill_to", "/addresses/0/bills",
    }  # fmt: skip


def test_the_first_address_that_serves_becomes_the_default() -> None:
    draft = PartyDraft(
        "1", "Rad GmbH",
        addresses=(
            AddressDraft("A 1", "Berlin", "DE", "10115", ships=False),
            AddressDraft("A 2", "Berlin", "DE", "10115"),
        ),
    )  # fmt: skip
    first, second = rules.normal_party(draft, ())[0].addresses or ()
    assert (first.is_default_bill_to, first.is_default_ship_to) == (True, False)
    assert (second.is_default_bill_to, second.is_default_ship_to) == (False, True)
    assert first.name == "Rad GmbH"


def test_iban_check_digits() -> None:
    assert rules.iban_is_valid("DE89370400440532013000")
    assert not rules.iban_is_valid("DE88370400440532013000")
    entity = LegalEntityDraft("DE", "Rad GmbH", "A 1", "Berlin", "DE", "EUR", "10115", iban="DE88 3704")
    assert [finding.place for finding in rules.normal_entity(entity)[1]] == ["/iban"]


def test_terms_and_lifecycle() -> None:
    wrong = PaymentTermsDraft("X", "X", due_days=10, discount_days=14, discount_percent=Decimal(100))
    assert [finding.place for finding in rules.terms_findings(wrong)] == ["/discount_days", "/discount_percent"]
    assert PARTY_LIFECYCLE.faults() == []
