"""A run that was previewed is applied: each line gets the pieces that were shown, or stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.orders import queries
from auftakt.orders.actions.serve import as_shown, is_open, keep_promises, sort
from auftakt.orders.rules import mark
from auftakt.orders.types import FulfilmentFacts, RunLine
from auftakt.promising import actions as promising
from auftakt.promising import queries as pegs
from auftakt.promising.types import Demand, Piece, Promise
from auftakt.values import Outcome, Refusal


def apply_run(lines: Sequence[RunLine], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Serve lines by the pieces that a run gave them, all in one transaction; those without pieces are left out. Lines
    that give supply to each other belong into one call. Done: the lines that are served so now, or better.

    Refused, and left as they are: `changed_meanwhile` (the line or its supply is not what was looked at),
    `alternative_gone` (a piece could not be there by the day shown), `line_not_open`, `unknown_line`.
    """
    wished = {line.fulfilment_line_id: line for line in lines if line.pieces}
    with transaction.atomic():
        held = pegs.pegs(list(wished))

        def unchanged(line: FulfilmentFacts, order: Any) -> Refusal | None:
            stands = mark(line, held.get(line.id, ()))
            return is_open(line, order) or (None if stands == wished[line.id].seen else _changed(line, order))

        good, refused = sort(list(wished), unchanged)
        good, promises, gone = as_shown(
            good,
            lambda some: _exchange(some, wished, actor, at),
            lambda key, promise: _keeps(promise, wished[key]),
        )
        refused += [_gone(line) for line in gone]
        if good:
            keep_promises(good, promises, actor=actor, at=at, how=dict.fromkeys(good, "run"))
    return Outcome(tuple(good), tuple(refused))


def _exchange(
    good: Mapping[UUID, FulfilmentFacts], wished: Mapping[UUID, RunLine], actor: str, at: datetime
) -> dict[UUID, Promise]:
    """Give back what lines hold and promise each of their pieces as it was shown: from its site, by its day."""
    own = queries.demands(good)
    asked: list[Demand] = []
    for key in good:
        asked += [_as_shown(own[key], piece) for piece in wished[key].pieces if piece.ship_on]
    promising.hold_supply(list(good), [*own.values(), *asked])
    promising.release(list(good), actor=actor, at=at)
    made = {each.demand_id: each for each in promising.promise(asked, on=at.date(), actor=actor, at=at)}
    return {key: _together(own[key], wished[key].pieces, made) for key in good}


def _as_shown(own: Demand, piece: Piece) -> Demand:
    return replace(
        own, id=piece.demand_id, quantity=piece.quantity, fixed_site_id=piece.site_id, requested_ship_on=None,
        requested_arrival_on=piece.arrive_on, split_dates=False, split_sites=False,
    )  # fmt: skip


def _together(own: Demand, shown: Sequence[Piece], made: Mapping[UUID, Promise]) -> Promise:
    """The promise of a line from those of its pieces; each says how it meets what the customer wished."""
    pieces: list[Piece] = []
    left = own.quantity * 0
    for piece in shown:
        found = made.get(piece.demand_id)
        if found is None:
            pieces.append(piece)
            left += piece.quantity
            continue
        left += found.unpromised
        pieces.append(_told(found.pieces[0], piece))
    return Promise(own.id, tuple(pieces), left, pieces[0].reason)


_WISHES = ("why", "late_days", "divided", "fixed_site")


def _told(got: Piece, shown: Piece) -> Piece:
    """A piece as it was drawn, telling how it meets what the customer wished, not what was asked for here."""
    if got.ship_on is None:
        return got
    told = {name: value for name, value in got.reason.items() if name not in _WISHES}
    return replace(got, reason={**told, **{name: shown.reason[name] for name in _WISHES if name in shown.reason}})


def _keeps(promise: Promise, shown: RunLine) -> bool:
    """Whether each piece is there by the day shown."""
    return all(
        was.arrive_on is None or (now.arrive_on is not None and now.arrive_on <= was.arrive_on)
        for now, was in zip(promise.pieces, shown.pieces, strict=True)
    )


def _changed(line: FulfilmentFacts, order: Any) -> Refusal:
    return Refusal.because(
        line.id, "changed_meanwhile",
        f"The line of {line.sku} of order {order.number} or its supply has changed meanwhile: run again.",
        transient=True, order=order.number, item=line.sku,
    )  # fmt: skip


def _gone(line: FulfilmentFacts) -> Refusal:
    return Refusal.because(
        line.id, "alternative_gone", f"Supply of {line.sku} is gone meanwhile: run again.", transient=True,
        item=line.sku,
    )  # fmt: skip
