"""Alternatives taken for lines in jeopardy: each as it was shown, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.orders import queries
from auftakt.orders.actions.serve import as_shown, ask_again, is_open, keep_promises, sort
from auftakt.orders.rules import mark
from auftakt.orders.types import Choice, FulfilmentFacts
from auftakt.promising import queries as pegs
from auftakt.promising.types import Case, Demand, Peg, Promise, Way
from auftakt.values import Outcome, Refusal


def replan(choices: Sequence[Choice], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Serve open lines as chosen among their alternatives; overdue supply is not promised again. Done: the lines that
    are served so now, or better.

    Refused, and left as they are: `changed_meanwhile` (the line or its supply is not what was looked at),
    `alternative_gone` (it could not be there by the day shown), `line_not_open`, `unknown_line`.
    """
    wished = {choice.fulfilment_line_id: choice for choice in choices}
    with transaction.atomic():
        held = pegs.pegs(list(wished))

        def unchanged(line: FulfilmentFacts, order: Any) -> Refusal | None:
            stands = mark(line, held.get(line.id, ()))
            return is_open(line, order) or (None if stands == wished[line.id].seen else _changed(line, order))

        good, refused = sort(list(wished), unchanged)
        already = _gone_already(good, wished, held, at)
        good, promises, gone = as_shown(
            {key: line for key, line in good.items() if line not in already},
            lambda lines: ask_again(
                lines, actor=actor, at=at, asking=lambda wish: _as_chosen(wish, wished[wish.id]), overdue=False
            ),
            lambda key, promise: _keeps(promise, wished[key]),
        )
        refused += [_gone(line, wished[line.id]) for line in [*already, *gone]]
        if good:
            how = {key: wished[key].kind for key in good}
            keep_promises(good, promises, actor=actor, at=at, how=how)
    return Outcome(tuple(good), tuple(refused))


def _gone_already(
    good: Mapping[UUID, FulfilmentFacts],
    wished: Mapping[UUID, Choice],
    held: Mapping[UUID, Sequence[Peg]],
    at: datetime,
) -> list[FulfilmentFacts]:
    """Lines that could not be served as chosen any more: a look at the picture, so that they ask for nothing that
    others have chosen."""
    asked = sorted(queries.demands(good).values(), key=lambda wish: wish.priority) if good else []
    cases = [Case(tuple(held.get(wish.id, ())), (_as_chosen(wish, wished[wish.id]),)) for wish in asked]
    gone: list[FulfilmentFacts] = []

    def prefer(place: int, ways: Sequence[Way]) -> int | None:
        if _keeps(ways[0].promise, wished[asked[place].id]):
            return 0
        gone.append(good[asked[place].id])
        return None

    if cases:
        pegs.weigh(cases, on=at.date(), at=at, prefer=prefer, sites=0)
    return gone


def _as_chosen(wish: Demand, choice: Choice) -> Demand:
    return replace(wish, fixed_site_id=choice.site_id, split_dates=choice.split_dates, split_sites=choice.split_sites)


def _keeps(promise: Promise, choice: Choice) -> bool:
    """Whether all is there by the day shown, in no more parts."""
    arrivals = [piece.arrive_on for piece in promise.pieces]
    in_time = all(day is not None and day <= choice.arrive_on for day in arrivals)
    return not promise.unpromised and in_time and len(arrivals) <= choice.pieces


def _changed(line: FulfilmentFacts, order: Any) -> Refusal:
    return Refusal.because(
        line.id, "changed_meanwhile",
        f"The line of {line.sku} of order {order.number} or its supply has changed meanwhile: look at it again.",
        transient=True, order=order.number, item=line.sku,
    )  # fmt: skip


def _gone(line: FulfilmentFacts, choice: Choice) -> Refusal:
    return Refusal.because(
        line.id, "alternative_gone",
        f"Supply of {line.sku} for {choice.arrive_on} is gone meanwhile: look at the alternatives again.",
        transient=True, item=line.sku, arrive_on=choice.arrive_on,
    )  # fmt: skip
