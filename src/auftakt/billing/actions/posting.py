"""What every verb of billing writes the same way: money entries, settled invoices, the credit given back, numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from auftakt.billing.rules import allocation_sides, paper_number, paper_numbers
from auftakt.billing.types import Entry
from auftakt.parties import actions as parties
from auftakt.parties.types import CreditClaim
from auftakt.platform import journal
from auftakt.platform.sequences import as_written, gapless
from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import new_ids

sql = Statements("auftakt.billing")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settled:
    """`amount` of a payment goes to an invoice (negative: is taken back from it)."""

    payment_id: UUID
    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    legal_entity_id: UUID
    currency: str
    amount: Decimal


def day_of(at: datetime) -> date:
    """The day of an instant in the company's own time zone: the day a document is issued."""
    return timezone.localtime(at).date()


def draw_numbers(kind: str, year: int, entities: Sequence[tuple[UUID, str]]) -> list[tuple[int, str]]:
    """One gapless number for each (legal entity id, code), in order; the counters stay locked until commit."""
    counts: dict[tuple[UUID, str], int] = {}
    for entity in entities:
        counts[entity] = counts.get(entity, 0) + 1
    drawn = {entity: iter(gapless(f"{kind}:{entity[0]}:{year}", counts[entity])) for entity in sorted(counts)}
    written = as_written(paper_numbers(kind, *entity) for entity in counts)
    numbers = [next(drawn[entity]) for entity in entities]
    return [
        (number, paper_number(written[f"{kind}:{entity_id}"], year, number))
        for number, (entity_id, _) in zip(numbers, entities, strict=True)
    ]


def post(entries: Iterable[Entry]) -> None:
    """Append money entries. Raises ValueError for one that does not balance: then nothing is written at all."""
    kept = [entry for entry in entries if entry.sides]
    rows: list[tuple[object, ...]] = []
    for entry_id, entry in zip(new_ids(len(kept)), kept, strict=True):
        if sum(entry.sides.values()) != 0:
            raise ValueError(f"entry of {entry.subject_type} {entry.subject_id} does not balance: {dict(entry.sides)}")
        rows += [
            (
                entry_id,
                entry.legal_entity_id,
                account,
                entry.currency,
                amount,
                entry.posted_on,
                entry.subject_type,
                entry.subject_id,
            )
            for account, amount in entry.sides.items()
        ]
    names = (
        "id",
        "entry_id",
        "legal_entity_id",
        "account",
        "currency",
        "amount",
        "posted_on",
        "subject_type",
        "subject_id",
    )
    insert_rows("billing_posting", names, [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)])


def allocate_rows(settled: Sequence[Settled], at: datetime) -> None:
    """Store allocations and move both balances they draw on: the payments' and the invoices'."""
    if not settled:
        return
    rows = [
        (key, each.payment_id, each.invoice_id, each.amount, at)
        for key, each in zip(new_ids(len(settled)), settled, strict=True)
    ]
    insert_rows("billing_allocation", ("id", "payment_id", "invoice_id", "amount", "at"), rows)
    amounts = [each.amount for each in settled]
    nothing = [NOTHING] * len(settled)
    sql.run("move_payments", ids=[each.payment_id for each in settled], allocated=amounts, refunded=nothing)
    sql.run("move_invoices", ids=[each.invoice_id for each in settled], paid=amounts, credited=nothing)


def give_back_credit(parts: Iterable[tuple[UUID, UUID, Decimal, str]], *, actor: str, at: datetime) -> None:
    """Give back credit for (customer, order, amount, currency); amounts of one order add up."""
    sums: dict[tuple[UUID, UUID, str], Decimal] = {}
    for customer_id, order_id, amount, currency in parts:
        key = (customer_id, order_id, currency)
        sums[key] = sums.get(key, NOTHING) + amount
    claims = [
        CreditClaim(customer_id, order_id, amount, currency)
        for (customer_id, order_id, currency), amount in sums.items()
        if amount > 0
    ]
    if claims:
        parties.give_back_credit(claims, actor=actor, at=at)


def settle(settled: Sequence[Settled], *, actor: str, at: datetime) -> None:
    """Allocate money to invoices: balances, credit given back, and a journal row for each invoice."""
    if not settled:
        return
    allocate_rows(settled, at)
    give_back_credit(
        ((each.customer_id, each.order_id, each.amount, each.currency) for each in settled), actor=actor, at=at
    )
    entries = [
        journal.Entry(
            "invoice",
            each.invoice_id,
            {
                "order_id": each.order_id,
                "payment_id": each.payment_id,
                "amount": each.amount,
                "currency": each.currency,
            },
        )
        for each in settled
    ]
    journal.write("billing.paid", entries, actor=actor, at=at)


def settle_from_account(settled: Sequence[Settled], *, actor: str, at: datetime) -> None:
    """Use money on customers' accounts for invoices, with its money entries."""
    day = day_of(at)
    post(
        Entry(each.legal_entity_id, each.currency, day, "payment", each.payment_id, allocation_sides(each.amount))
        for each in settled
    )
    settle(settled, actor=actor, at=at)
