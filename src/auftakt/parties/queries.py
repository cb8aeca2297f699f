"""Reads of parties, and the names and forms of countries, currencies and addresses for screens and documents."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from auftakt.parties.models import Contact, PaymentTerms
from auftakt.parties.rules import (
    address_block,
    countries,
    country_name,
    currencies,
    currency_name,
    is_country,
    is_language,
    language_name,
    normal_address,
)
from auftakt.parties.types import (
    CUSTOMER_NUMBERS,
    AddressFacts,
    ContactFacts,
    CreditFacts,
    CustomerProfile,
    LegalEntityFacts,
    PartyCard,
    PartyFilter,
    PartyFound,
    PaymentTermsFacts,
)
from auftakt.platform.numbering import next_counts
from auftakt.platform.sequences import as_written
from auftakt.platform.sql import Statements
from auftakt.values import NumberRange

__all__ = [
    "address_block",
    "addresses",
    "contacts",
    "countries",
    "country_name",
    "credit",
    "currencies",
    "currency_name",
    "customers",
    "customers_by_number",
    "is_country",
    "is_language",
    "language_name",
    "legal_entities",
    "list_parties",
    "next_customer_number",
    "normal_address",
    "party_cards",
    "payment_terms",
    "search_parties",
    "segments",
]

sql = Statements("auftakt.parties")


MOST_COUNT = 12
"""Longer rows of digits are no counts of ours."""


def highest_count(kind: NumberRange) -> int:
    """The highest count among the numbers in use that are of a range's form."""
    like = kind.prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    return sql.value("highest_count", prefix=kind.prefix, like=like, count=f"^[0-9]{{1,{MOST_COUNT}}}$")


def next_customer_number() -> str:
    """The number that a new customer would get now. It is not drawn."""
    kind = as_written([CUSTOMER_NUMBERS])[CUSTOMER_NUMBERS.name]
    count = next_counts([kind])[kind.name]
    if sql.rows("numbers_in_use", numbers=[kind.written(count)]):
        count = highest_count(kind) + 1
    return kind.written(count)


def _addresses_of(parties: list[UUID]) -> dict[UUID, list[AddressFacts]]:
    found: dict[UUID, list[AddressFacts]] = {}
    for row in sql.rows("read_active_addresses", parties=parties):
        found.setdefault(row[1], []).append(AddressFacts(*row))
    return found


def _profile(row: Sequence[Any], addresses: Sequence[AddressFacts]) -> CustomerProfile:
    key, number, name, status, segment, currency, language, is_customer, is_supplier, email, *terms = row
    return CustomerProfile(
        key, number, name, status, segment, currency, language,
        PaymentTermsFacts(*terms) if terms[0] is not None else None,
        next((address for address in addresses if address.is_default_bill_to), None),
        next((address for address in addresses if address.is_default_ship_to), None),
        tuple(addresses), is_customer, is_supplier, email,
    )  # fmt: skip


def _profiles(statement: str, keys: list[Any]) -> list[CustomerProfile]:
    if not keys:
        return []
    rows = sql.rows(statement, keys=keys)
    found = _addresses_of([row[0] for row in rows])
    return [_profile(row, found.get(row[0], ())) for row in rows]


def customers_by_number(numbers: Iterable[str]) -> dict[str, CustomerProfile]:
    """Parties by number with terms and addresses in use; unknown numbers are left out. Two statements."""
    return {found.number: found for found in _profiles("read_customers_by_number", sorted(set(numbers)))}


def customers(ids: Iterable[UUID]) -> dict[UUID, CustomerProfile]:
    """Parties by id with terms and addresses in use; unknown ids are left out. Two statements."""
    return {found.id: found for found in _profiles("read_customers", sorted(set(ids)))}


def addresses(ids: Iterable[UUID]) -> dict[UUID, AddressFacts]:
    """Addresses by id, the archived ones too: an old order still knows where it went."""
    return {row[0]: AddressFacts(*row) for row in sql.rows("read_addresses_by_id", ids=sorted(set(ids)))}


def legal_entities() -> dict[str, LegalEntityFacts]:
    """Our own companies by code."""
    return {row[1]: LegalEntityFacts(*row) for row in sql.rows("read_legal_entities")}


def payment_terms() -> dict[str, PaymentTermsFacts]:
    """Payment terms by code."""
    return {
        row.code: PaymentTermsFacts(
            row.code, row.name, row.due_days, row.discount_days, row.discount_percent, row.prepaid
        )
        for row in PaymentTerms.objects.order_by("code")
    }


def credit(party_ids: Iterable[UUID]) -> dict[UUID, CreditFacts]:
    """Credit lines by party; a party without one is not limited and left out."""
    return {row[0]: CreditFacts(*row) for row in sql.rows("read_credit", parties=sorted(set(party_ids)))}


def contacts(party_ids: Iterable[UUID]) -> dict[UUID, list[ContactFacts]]:
    """Contacts by party."""
    found: dict[UUID, list[ContactFacts]] = {}
    for row in Contact.objects.filter(party_id__in=list(party_ids)).order_by("name"):
        facts = ContactFacts(row.id, row.party_id, row.name, row.role, row.email, row.phone)
        found.setdefault(row.party_id, []).append(facts)
    return found


def _like(text: str, *, anywhere: bool) -> str:
    plain = text.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{plain}%" if anywhere else f"{plain}%"


def search_parties(text: str, limit: int = 20) -> list[PartyFound]:
    """Parties whose number or e-mail address begins with `text` or whose name holds it, the best match first."""
    if not text.strip():
        return []
    rows = sql.rows(
        "search_parties",
        text=text.strip(), begins=_like(text, anywhere=False), holds=_like(text, anywhere=True), limit=limit,
    )  # fmt: skip
    return [PartyFound(*row) for row in rows]


def _cards(rows: list[tuple[Any, ...]]) -> list[PartyCard]:
    ids = [row[0] for row in rows]
    places, people, lines = _addresses_of(ids), contacts(ids), credit(ids)
    return [
        PartyCard(*row, tuple(places.get(row[0], ())), tuple(people.get(row[0], ())), lines.get(row[0])) for row in rows
    ]


def list_parties(wanted: PartyFilter | None = None, *, after: str = "", limit: int = 50) -> list[PartyCard]:
    """One page of parties by number, those behind the number `after`."""
    asked = wanted or PartyFilter()
    holds = _like(asked.text, anywhere=True) if asked.text.strip() else ""
    return _cards(
        sql.rows(
            "list_parties",
            after=after, holds=holds, role=asked.role, segment=asked.segment, status=asked.status, limit=limit,
        )
    )  # fmt: skip


def party_cards(ids: Iterable[UUID]) -> dict[UUID, PartyCard]:
    """Everything known of parties, by id."""
    return {card.id: card for card in _cards(sql.rows("read_cards", ids=sorted(set(ids))))}


def segments() -> list[str]:
    """The customer segments in use."""
    return [segment for (segment,) in sql.rows("list_segments")]
