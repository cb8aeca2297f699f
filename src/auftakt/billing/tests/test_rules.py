"""Amounts of pieces, numbers, dunning, allocation: without a database."""

from datetime import date
from decimal import Decimal as D
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auftakt.billing import rules
from auftakt.billing.types import ATTEMPT_LIFECYCLE, Amounts, Billable
from auftakt.values import is_card_number

CENTS = st.integers(0, 10_000_000).map(lambda cents: D(cents) / 100)


@given(net=CENTS, tax=CENTS, pieces=st.lists(st.integers(1, 50), min_size=1, max_size=12), included=st.booleans())
def test_pieces_sum_to_the_line(net: D, tax: D, pieces: list[int], included: bool) -> None:
    line = Billable(D(sum(pieces)), net, tax)
    total_net = total_tax = D(0)
    for piece in pieces:
        amounts = rules.piece_amounts(line, D(piece), "EUR", tax_included=included)
        fair = (net + tax) * piece / sum(pieces)
        assert abs(amounts.gross - fair) <= D("0.02")
        assert rules.round_money(amounts.net, "EUR") == amounts.net
        total_net += amounts.net
        total_tax += amounts.tax
        line = rules.with_piece(line, D(piece), amounts)
    assert (total_net, total_tax) == (net, tax)


def test_three_of_ten_cents() -> None:
    line = Billable(D(3), D("100.00"), D("19.00"))
    pieces = []
    for _ in range(3):
        amounts = rules.piece_amounts(line, D(1), "EUR")
        line = rules.with_piece(line, D(1), amounts)
        pieces.append((amounts.net, amounts.tax))
    assert pieces == [(D("33.33"), D("6.33")), (D("33.34"), D("6.34")), (D("33.33"), D("6.33"))]


def test_prices_with_tax_keep_price_times_quantity() -> None:
    line = Billable(D(3), D("25.19"), D("4.78"))  # 3 × 9.99
    amounts = rules.piece_amounts(line, D(1), "EUR", tax_included=True)
    assert amounts == Amounts(D("8.40"), D("1.59"))
    assert amounts.gross == D("9.99")


def test_numbers() -> None:
    assert rules.paper_number(rules.paper_numbers("invoice", UUID(int=1), "AUF"), 2026, 123) == "AUF-2026-000123"
    assert rules.paper_number(rules.paper_numbers("credit_note", UUID(int=1), "AUF"), 2026, 7) == "AUF-CN-2026-000007"


@pytest.mark.parametrize(
    ("days", "level"), [(-1, 0), (0, 0), (6, 0), (7, 1), (20, 1), (21, 2), (34, 2), (35, 3), (400, 3)]
)
def test_dunning_levels(days: int, level: int) -> None:
    due = date(2026, 1, 31)
    assert rules.dunning_level(due, date.fromordinal(due.toordinal() + days)) == level


def test_due_day() -> None:
    assert rules.due_on(date(2026, 1, 15), 30, prepaid=False) == date(2026, 2, 14)
    assert rules.due_on(date(2026, 1, 15), 30, prepaid=True) == date(2026, 1, 15)


def test_money_settles_in_the_order_given_and_is_taken_back_from_the_latest() -> None:
    first, second = UUID(int=1), UUID(int=2)
    shares = rules.allocate(D("150"), [(first, D("100")), (second, D("100"))])
    assert [(share.invoice_id, share.amount) for share in shares] == [(first, D("100")), (second, D("50"))]
    assert rules.take_back(D("60"), [(second, D("50")), (first, D("100"))]) == ((second, D("50")), (first, D("10")))


def test_every_entry_balances() -> None:
    amounts = Amounts(D("100.00"), D("19.00"))
    for sides in (
        rules.invoice_sides(amounts),
        rules.credit_sides(amounts),
        rules.receipt_sides("bank_transfer", D("150"), D("119")),
        rules.allocation_sides(D("31")),
        rules.refund_sides("card", D("31")),
    ):
        assert sum(sides.values()) == 0
    assert rules.receipt_sides("card", D("150"), D("119")) == {
        "provider_clearing": D("150"),
        "receivables": D("-119"),
        "customer_prepayments": D("-31"),
    }


def test_card_numbers_are_recognised() -> None:
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111111111111112")
    assert not is_card_number("tok_ok")
    assert not is_card_number("")


def test_attempts_have_a_sound_life() -> None:
    assert ATTEMPT_LIFECYCLE.faults() == []
