"""Cancelling: which fulfilment lines give way, and why something cannot be cancelled any more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from auftakt.orders.rules.content import plain
from auftakt.orders.rules.screening import is_monstrous
from auftakt.orders.types import Cancellation, FulfilmentFacts, LineFacts
from auftakt.values import Finding


@dataclass(slots=True)
class GivenUp:
    """`quantity` of a fulfilment line that is cancelled; all of it, when nothing is left."""

    piece: FulfilmentFacts
    quantity: Decimal
    left: Decimal


def give_up(pieces: Iterable[FulfilmentFacts], quantity: Decimal) -> list[GivenUp]:
    """Which open pieces of a line give way for a quantity: first what has no promise, then the latest to ship.

    So the customer keeps what comes soonest. The pieces hold at least the quantity.
    """
    chosen: list[GivenUp] = []
    for piece in sorted(pieces, key=_latest_first):
        taken = min(quantity, piece.quantity)
        if taken > 0:
            chosen.append(GivenUp(piece, taken, piece.quantity - taken))
            quantity -= taken
    if quantity:
        raise ValueError(f"{quantity} more to be cancelled than the pieces hold")
    return chosen


def _latest_first(piece: FulfilmentFacts) -> tuple[bool, int, object]:
    day: date | None = piece.ship_on
    return day is not None, -day.toordinal() if day else 0, piece.id


def cancellation_finding(
    wish: Cancellation, number: str, lines: Sequence[LineFacts], open_now: Decimal, decimals: int
) -> Finding | None:
    """Why a cancellation cannot be done; `open_now` is what is still open of the line it names, or of the order."""
    if wish.quantity is not None and wish.line_id is None:
        return Finding("line_missing", "A quantity is cancelled of one line: name the line.", "/line_id")
    line = next((each for each in lines if each.id == wish.line_id), None)
    if wish.line_id is not None and line is None:
        return Finding("unknown_line", f"Order {number} has no line {wish.line_id}.", "/line_id")
    if wish.quantity is not None:
        if is_monstrous(wish.quantity) or wish.quantity <= 0:
            return Finding("quantity_not_positive", "Cancel more than zero.", "/quantity")
        if wish.quantity != round(wish.quantity, decimals):
            return Finding(
                "quantity_too_fine", f"{plain(wish.quantity)} cannot be divided so in this unit.", "/quantity"
            )
    if open_now <= 0 or (wish.quantity is not None and wish.quantity > open_now):
        what = f"line {line.external_line_id} of order {number}" if line else f"order {number}"
        told = f" {plain(line.released)} are released, {plain(line.shipped)} shipped." if line else ""
        wanted = plain(wish.quantity) if wish.quantity is not None else "anything"
        return Finding(
            "more_than_open",
            f"Only {plain(open_now)} of {what} are still open, so {wanted} cannot be cancelled.{told}",
            "/quantity",
            {"open": plain(open_now), "order": number},
        )
    return None
