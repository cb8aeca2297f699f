"""The credit line: drawn by orders, given back by payment, never overdrawn."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from auftakt.parties import actions, queries
from auftakt.parties.models import CreditDraw
from auftakt.parties.types import CreditClaim, CreditLimit, PartyDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: Any = {"actor": "test", "at": AT}


def customer(number: str = "C-1", limit: int | None = 100) -> UUID:
    draft = PartyDraft(number, "Rad GmbH", credit_limit=None if limit is None else Decimal(limit))
    return actions.save_parties([draft], **BY).one()


def claim(party: UUID, amount: str, subject: UUID | None = None, currency: str = "EUR") -> CreditClaim:
    return CreditClaim(party, subject or new_id(), Decimal(amount), currency)


def drawn(party: UUID) -> Decimal:
    assert queries.sql.rows("verify_credit_drawn")[0][0] == 0
    return queries.credit([party])[party].drawn


@pytest.mark.django_db
def test_a_draw_that_does_not_fit_is_refused_with_the_amounts() -> None:
    party = customer()
    claims = [claim(party, "60"), claim(party, "50"), claim(party, "40")]
    outcome = actions.draw_credit(claims, **BY)
    assert outcome.done == (claims[0].subject_id, claims[2].subject_id)
    (refusal,) = outcome.refused
    assert (refusal.code, refusal.subject) == ("credit_exhausted", str(claims[1].subject_id))
    facts = refusal.findings[0].facts
    assert (Decimal(facts["limit"]), Decimal(facts["drawn"]), Decimal(facts["available"])) == (100, 60, 40)
    assert drawn(party) == 100
    entry = JournalEntry.objects.latest("id")
    assert (entry.verb, entry.change["order_id"]) == ("party.credit_drawn", str(claims[2].subject_id))


@pytest.mark.django_db
def test_without_a_credit_line_nothing_is_drawn() -> None:
    party = customer(limit=None)
    each = claim(party, "5000")
    assert actions.draw_credit([each], **BY).done == (each.subject_id,)
    assert actions.give_back_credit([each], **BY).done == (each.subject_id,)
    assert not CreditDraw.objects.exists()
    assert list(JournalEntry.objects.values_list("verb", flat=True)) == ["party.created"]


@pytest.mark.django_db
def test_a_subject_gets_back_at_most_what_it_holds() -> None:
    party = customer()
    order, other = new_id(), new_id()
    actions.draw_credit([claim(party, "30", order), claim(party, "20", order), claim(party, "10", other)], **BY)
    assert drawn(party) == 60
    outcome = actions.give_back_credit([claim(party, "45", order), claim(party, "45", order)], **BY)
    assert outcome.done == (order, order)
    assert drawn(party) == 10
    before = JournalEntry.objects.count()
    actions.give_back_credit([claim(party, "45", order), claim(party, "1")], **BY)
    assert drawn(party) == 10
    assert JournalEntry.objects.count() == before


@pytest.mark.django_db
def test_malformed_claims_move_nothing() -> None:
    party = customer()
    claims = [claim(party, "10", currency="USD"), claim(party, "-1"), claim(party, "NaN")]
    codes = [refusal.code for refusal in actions.draw_credit(claims, **BY).refused]
    assert codes == ["credit_currency", "amount_invalid", "amount_invalid"]
    assert [refusal.code for refusal in actions.give_back_credit(claims, **BY).refused] == codes
    assert drawn(party) == 0


@pytest.mark.django_db
def test_limits_move_but_never_below_what_is_drawn() -> None:
    party = customer()
    order = claim(party, "60")
    actions.draw_credit([order], **BY)

    def limit(amount: str | None) -> Any:
        return actions.set_credit_limits([CreditLimit(party, None if amount is None else Decimal(amount))], **BY)

    assert limit("59.99").refused[0].code == "credit_limit_below_drawn"
    assert limit(None).refused[0].code == "credit_in_use"
    assert limit("-1").refused[0].code == "credit_limit_invalid"
    low = PartyDraft("C-1", "Rad GmbH", credit_limit=Decimal(10))
    assert actions.save_parties([low], **BY).refused[0].findings[0].place == "/credit_limit"
    assert limit("60").done == (party,)
    before = JournalEntry.objects.count()
    assert limit("60").done == (party,)
    assert JournalEntry.objects.count() == before
    actions.give_back_credit([order], **BY)
    assert limit(None).done == (party,)
    assert queries.credit([party]) == {}
    unknown = actions.set_credit_limits([CreditLimit(new_id(), Decimal(1))], **BY)
    assert unknown.refused[0].code == "party_unknown"


@pytest.mark.django_db
def test_the_table_itself_refuses_an_overdraft() -> None:
    party = customer()
    with pytest.raises(IntegrityError, match="credit_not_overdrawn"), transaction.atomic():
        actions.credit.sql.run("move_credit", parties=[party], amounts=[Decimal(101)])


@pytest.mark.django_db
def test_verify_finds_a_draw_without_a_holder() -> None:
    party = customer()
    actions.draw_credit([claim(party, "60")], **BY)
    CreditDraw.objects.update(amount=59)
    assert queries.sql.rows("verify_credit_drawn")[0][:2] == (1, 1)


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_batch() -> None:
    parties = [customer(f"C-{number}", 1000) for number in range(50)]

    def count(amount: int) -> int:
        claims = [claim(parties[number % 50], "2") for number in range(amount)]
        with CaptureQueriesContext(connection) as seen:
            assert len(actions.draw_credit(claims, **BY).done) == amount
            assert len(actions.give_back_credit(claims, **BY).done) == amount
        return len(seen)

    assert count(1) == count(200)


@pytest.mark.django_db(transaction=True)
def test_racing_orders_never_overdraw() -> None:
    parties = [customer(f"C-{number}") for number in range(3)]
    accepted: list[UUID] = []
    barrier = threading.Barrier(8)

    def order(seed: int) -> None:
        barrier.wait()
        for turn in range(8):
            turned = parties[(seed + turn) % 3 :] + parties[: (seed + turn) % 3]
            claims = [claim(party, "3") for party in turned]
            accepted.extend(actions.draw_credit(claims, **BY).done)
            if turn % 4 == 3:
                actions.give_back_credit(claims[:1], **BY)
        connection.close()

    threads = [threading.Thread(target=order, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for party in parties:
        assert drawn(party) <= 100
        room = queries.credit([party])[party].available
        assert actions.draw_credit([claim(party, str(room))], **BY).done
        assert actions.draw_credit([claim(party, "0.01")], **BY).refused[0].code == "credit_exhausted"
    assert len(accepted) >= 99
