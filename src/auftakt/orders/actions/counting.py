"""Counts of the shelf: what is missing and was promised is freed as supply that is cut, and promised anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import CountDecision, CountEntry
from auftakt.orders.actions.freeing import Missing, free_stock, promise_anew
from auftakt.orders.queries import sql
from auftakt.orders.types import CountTaken, LostPromise
from auftakt.values import Outcome, Refusal


def take_counts(entries: Sequence[CountEntry], *, actor: str, at: datetime) -> Outcome[CountTaken]:
    """Note what was counted, and book at once what is within the tolerance of its site; what is missing of promised
    stock costs the lowest priorities their promise, and they are promised anew. What is beyond waits for approval, and
    nothing moves. Done: each count with its state and the promises lost.

    Refusals (subject: the index): as for `inventory.take_counts`. A difference that the warehouse's own work stands in
    the way of (a release is being picked) waits too.
    """
    with transaction.atomic():
        items = sorted({entry.item for entry in entries if isinstance(entry.item, UUID)})
        costs: dict[UUID, Decimal] = dict(sql.rows("unit_costs", items=items)) if items else {}
        priced = [
            replace(entry, unit_value=costs.get(entry.item))
            if entry.unit_value is None and isinstance(entry.item, UUID)
            else entry
            for entry in entries
        ]
        taken = inventory.take_counts(priced, actor=actor, at=at)
        done = _post(taken.done, actor, at)
    return Outcome(tuple(done), taken.refused)


def decide_counts(decisions: Sequence[CountDecision], *, actor: str, at: datetime) -> Outcome[CountTaken]:
    """Decide on differences that wait, and book those approved. Done: each with its state and the promises lost.

    Refusals (subject: the index): as for `inventory.decide_counts`.
    """
    with transaction.atomic():
        decided = inventory.decide_counts(decisions, actor=actor, at=at)
        done = _post(decided.done, actor, at)
    return Outcome(tuple(done), decided.refused)


def _post(line_ids: Sequence[UUID], actor: str, at: datetime) -> list[CountTaken]:
    """Book what is agreed, the promises that stand in the way freed first; what is left of all lines."""
    lines = stock.count_lines(line_ids)
    losses = [
        Missing(line.item_id, line.site_id, -line.difference)
        for line in lines.values()
        if line.state == "agreed" and line.difference < 0
    ]
    lost = free_stock(losses, actor=actor, at=at)
    posted = inventory.post_counts(list(lines), actor=actor, at=at)
    faults: dict[UUID, Refusal] = {UUID(each.subject): each for each in posted.refused}
    told = promise_anew(lost, actor=actor, at=at)
    after = stock.count_lines(line_ids)
    of: dict[tuple[UUID, UUID], list[LostPromise]] = {}
    for each in lost:
        of.setdefault((each.item_id, each.site_id), []).append(told[each.demand_id])
    return [
        CountTaken(
            key, line.sku, after[key].state, line.difference, faults[key].findings if key in faults else (),
            tuple(of.get((line.item_id, line.site_id), ())),
        )
        for key, line in lines.items()
    ]  # fmt: skip
