"""Amounts of pieces, numbers, due days, tax summary, allocation, postings."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from auftakt.billing.types import (
    BANK,
    CASH,
    CREDIT_NOTE,
    CUSTOMER_PREPAYMENTS,
    PROVIDER_CLEARING,
    PROVIDER_METHODS,
    RECEIVABLES,
    REMINDER,
    REVENUE,
    TAX_PAYABLE,
    Amounts,
    Billable,
    Share,
    TaxRow,
)
from auftakt.values import NumberRange, round_money

NOTHING = Decimal(0)

# How long an attempt without a known outcome may still be on its way. Until then "the provider knows nothing of it" is
# no definite answer, and an attempt whose outcome was never stored is not taken for lost.
SETTLING_TIME = timedelta(minutes=2)


def piece_amounts(line: Billable, quantity: Decimal, currency: str, *, tax_included: bool = False) -> Amounts:
    """Net and tax of `quantity` more of a line, so that all pieces of the line sum to it exactly.

    The line's amounts are shared by quantity over everything billed so far and now, rounded half up, less what is
    billed: the last piece takes the remainder, and no piece is off by more than one minor unit. With prices that
    include tax the gross amount is shared and net is what remains after tax, so that price times quantity stays true.
    """
    reached = line.billed_quantity + quantity
    if reached >= line.quantity:
        return Amounts(line.net - line.billed_net, line.tax - line.billed_tax)
    part = reached / line.quantity
    tax = round_money(line.tax * part, currency) - line.billed_tax
    if tax_included:
        gross = round_money((line.net + line.tax) * part, currency) - line.billed_net - line.billed_tax
        return Amounts(gross - tax, tax)
    return Amounts(round_money(line.net * part, currency) - line.billed_net, tax)


def with_piece(line: Billable, quantity: Decimal, amounts: Amounts) -> Billable:
    """The line after a piece of it is billed."""
    return replace(
        line,
        billed_quantity=line.billed_quantity + quantity,
        billed_net=line.billed_net + amounts.net,
        billed_tax=line.billed_tax + amounts.tax,
    )


def paper_numbers(kind: str, entity_id: UUID, entity_code: str) -> NumberRange:
    """The range of a legal entity's invoices, credit notes or reminders."""
    return NumberRange(f"{kind}:{entity_id}", entity_code + {CREDIT_NOTE: "-CN-", REMINDER: "-R-"}.get(kind, "-"))


def paper_number(kind: NumberRange, year: int, sequence: int) -> str:
    """AUF-2026-000123 for an invoice, AUF-CN-2026-000007 for a credit note, AUF-R-2026-000004 for a reminder."""
    return f"{kind.prefix}{year}-{sequence:0{kind.digits}d}"


def due_on(issued_on: date, due_days: int, *, prepaid: bool) -> date:
    """The day by which an invoice is to be paid: its own day when the terms ask for payment in advance."""
    return issued_on if prepaid else issued_on + timedelta(days=due_days)


def tax_summary(lines: Iterable[tuple[str, Decimal, Amounts]]) -> tuple[TaxRow, ...]:
    """Lines as (tax category, rate, amounts), summed by category and rate."""
    sums: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for category, rate, amounts in lines:
        base, tax = sums.get((category, rate), (NOTHING, NOTHING))
        sums[category, rate] = (base + amounts.net, tax + amounts.tax)
    return tuple(TaxRow(category, rate, *sums[category, rate]) for category, rate in sorted(sums))


def allocate(amount: Decimal, open_items: Sequence[tuple[UUID, Decimal]]) -> tuple[Share, ...]:
    """Settle open items (invoice, open amount) in the order given, as far as `amount` reaches."""
    shares: list[Share] = []
    for invoice_id, open_amount in open_items:
        share = min(amount, open_amount)
        if share > 0:
            shares.append(Share(invoice_id, share))
            amount -= share
    return tuple(shares)


def take_back(amount: Decimal, allocated: Sequence[tuple[UUID, Decimal]]) -> tuple[tuple[UUID, Decimal], ...]:
    """Free `amount` from payments (payment, allocated), the given order being latest first."""
    taken: list[tuple[UUID, Decimal]] = []
    for payment_id, held in allocated:
        part = min(amount, held)
        if part > 0:
            taken.append((payment_id, part))
            amount -= part
    return tuple(taken)


def money_account(method: str) -> str:
    """The account on which money of a payment method arrives."""
    if method in PROVIDER_METHODS:
        return PROVIDER_CLEARING
    return CASH if method == "cash_on_delivery" else BANK


def invoice_sides(amounts: Amounts) -> dict[str, Decimal]:
    """An invoice: the customer owes gross; net is earned, tax is owed to the state."""
    return _sides({RECEIVABLES: amounts.gross, REVENUE: -amounts.net, TAX_PAYABLE: -amounts.tax})


def credit_sides(amounts: Amounts) -> dict[str, Decimal]:
    """A credit note: the invoice's entry the other way round."""
    return _sides({RECEIVABLES: -amounts.gross, REVENUE: amounts.net, TAX_PAYABLE: amounts.tax})


def receipt_sides(method: str, amount: Decimal, allocated: Decimal) -> dict[str, Decimal]:
    """Money in: it settles receivables as far as it is allocated; the rest is owed back to the customer."""
    return _sides({money_account(method): amount, RECEIVABLES: -allocated, CUSTOMER_PREPAYMENTS: allocated - amount})


def allocation_sides(amount: Decimal) -> dict[str, Decimal]:
    """Money on account settles receivables; a negative amount puts it back on account."""
    return _sides({CUSTOMER_PREPAYMENTS: amount, RECEIVABLES: -amount})


def refund_sides(method: str, amount: Decimal) -> dict[str, Decimal]:
    """Money on account is returned."""
    return _sides({CUSTOMER_PREPAYMENTS: amount, money_account(method): -amount})


def _sides(sides: dict[str, Decimal]) -> dict[str, Decimal]:
    return {account: amount for account, amount in sides.items() if amount}
