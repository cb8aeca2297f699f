"""Capture: orders come in from everywhere, once each."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from auftakt.orders.actions.placing import Placed, Placing, stand
from auftakt.orders.actions.submit import place
from auftakt.orders.queries import sql
from auftakt.orders.rules import Member, content, fingerprint, in_rounds
from auftakt.orders.types import ORDER_LIFECYCLE, Captured, OrderDraft
from auftakt.platform.sql import columns
from auftakt.values import Outcome, Refusal, new_ids

_TRIES = 20


def capture(
    drafts: Sequence[OrderDraft], *, submit: bool, actor: str, at: datetime, roles: Collection[str] = ()
) -> Outcome[Captured]:
    """Take in orders: filled in, checked, stored, and with `submit` priced, promised and binding.

    An order is known by its source system and external reference. The same again is `unchanged`; with other content it
    becomes a new revision of the same order (`revised`). That holds for copies within one batch and for copies that
    arrive at the same moment elsewhere. A refusal (subject: the position in the batch) names every problem with its
    JSON pointer, and the draft leaves nothing behind; the others go in. `roles` are those of the person who captures:
    they limit adjustments of prices by hand.
    """
    members: list[Member] = []
    for index, draft in enumerate(drafts):
        text = content(draft)
        members.append((index, draft, fingerprint(text), text))
    rounds, copies = in_rounds(members)
    done: dict[int, Captured] = {}
    refused: dict[int, Refusal] = {}
    with transaction.atomic():
        for members_of_round in rounds:
            placed = _capture_round(members_of_round, submit=submit, actor=actor, at=at, roles=roles)
            done |= {each.index: each for each in placed.done}
            refused |= {int(each.subject): each for each in placed.refused}
    for index, first in copies.items():
        if first in done:
            done[index] = replace(done[first], index=index, result="unchanged")
        else:
            refused[index] = replace(refused[first], subject=str(index))
    return Outcome(tuple(done[index] for index in sorted(done)), tuple(refused[index] for index in sorted(refused)))


def _capture_round(
    members: Sequence[Member], *, submit: bool, actor: str, at: datetime, roles: Collection[str]
) -> Placed:
    """Capture drafts of different references. Those overtaken by somebody else meanwhile are looked at again."""
    total = Placed()
    waiting = list(members)
    for _ in range(_TRIES):
        known, wanted = _recognise(waiting, submit=submit)
        total.done += known.done
        total.refused += known.refused
        placed = place(wanted, actor=actor, at=at, roles=roles)
        total.done += placed.done
        total.refused += placed.refused
        overtaken = {placing.index for placing in placed.overtaken}
        waiting = [member for member in waiting if member[0] in overtaken]
        if not waiting:
            return total
    raise RuntimeError(f"the references of these orders kept being taken and given up {_TRIES} times")


def _recognise(members: Sequence[Member], *, submit: bool) -> tuple[Placed, list[Placing]]:
    """Which drafts are known already and say nothing new, and which are to be placed: new orders and changes."""
    known = Placed()
    changes: list[tuple[Member, Any]] = []
    wanted: list[Placing] = []
    ids = new_ids(len(members))
    named = [(draft.source_system, draft.external_reference) for _, draft, _, _ in members if draft.external_reference]
    sources, references = columns(named, 2)
    found = {row[:2]: row[2:] for row in sql.rows("lock_references", sources=sources, references=references)}
    for member, fresh in zip(members, ids, strict=True):
        index, draft, mark, text = member
        standing = found.get((draft.source_system, draft.external_reference))
        if standing is None:
            wanted.append(Placing(index, str(index), draft, text, mark, submit, fresh))
            continue
        order_id, number, state, stored_mark = standing
        submits_draft = submit and state == ORDER_LIFECYCLE.start
        if mark == stored_mark and not submits_draft:
            known.done.append(Captured(index, order_id, number, "unchanged", state))
        elif state in ORDER_LIFECYCLE.ends:
            known.refused.append(
                Refusal.because(
                    index,
                    "order_ended",
                    f"Order {number} is {state} and cannot be changed: send another order under a new reference.",
                    place="/external_reference",
                    number=number,
                    state=state,
                )
            )
        else:
            changes.append((member, standing))
    standings = stand([standing[0] for _, standing in changes])
    for (index, draft, mark, text), (order_id, number, state, _) in changes:
        submits = submit or state != ORDER_LIFECYCLE.start
        placing = Placing(index, str(index), draft, text, mark, submits, order_id, standings[order_id])
        placing.number = number
        wanted.append(placing)
    return known, wanted
