"""Work orders held by a verb: locked with the supply they touch, changed one by one, written with their supply."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.inventory import actions as inventory
from auftakt.inventory.types import ExpectedSupply
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.supply import queries
from auftakt.supply.types import WORK_EXPECTED, WORK_LIFECYCLE, Work, WorkComponentFacts, WorkFacts
from auftakt.values import Finding, Outcome

sql = Statements("auftakt.supply")


@dataclass(slots=True)
class HeldWork:
    """Locked work orders with all that belongs to them, as a batch changes them member by member."""

    works: dict[UUID, Work]
    changed: dict[UUID, WorkFacts] = field(default_factory=dict)
    components: dict[UUID, WorkComponentFacts] = field(default_factory=dict)

    def head(self, key: UUID) -> WorkFacts | Finding:
        """The work order as the batch has left it so far."""
        if key in self.changed:
            return self.changed[key]
        if key in self.works:
            return self.works[key].head
        return Finding("work_unknown", f"there is no work order {key}", "/work_order_id", {"work_order_id": str(key)})

    def put(self, head: WorkFacts) -> None:
        """Take over how a work order is now."""
        self.changed[head.id] = head

    def write(self, actor: str, at: datetime) -> None:
        """Store what changed, and say what is expected of it."""
        if self.components:
            parts = list(self.components.values())
            sql.run(
                "change_components",
                ids=[part.id for part in parts],
                reserved=[part.reserved for part in parts],
                issued=[part.issued for part in parts],
            )
        heads = list(self.changed.values())
        if not heads:
            return
        sql.run(
            "change_work",
            ids=[head.id for head in heads],
            finished=[head.finished for head in heads],
            scrapped=[head.scrapped for head in heads],
            cancelled=[head.cancelled for head in heads],
            starts=[head.starts_on for head in heads],
            dues=[head.due_on for head in heads],
            states=[head.state for head in heads],
        )
        supplies = [
            ExpectedSupply(head.id, "work_order", head.item_id, head.site_id, head.due_on, expected(head))
            for head in heads
            if head.bucket_id is not None or head.state in WORK_EXPECTED
        ]
        certain(inventory.expect(supplies, actor=actor, at=at))


def expected(head: WorkFacts) -> Decimal:
    """What a work order will still bring, as far as it can be promised."""
    return head.open if head.state in WORK_EXPECTED else Decimal(0)


def certain(outcome: Outcome[Any]) -> None:
    """What the locked supply must allow."""
    if outcome.refused:
        raise RuntimeError(f"a work order and its supply differ: {outcome.refused[0].message}")


def hold(ids: Sequence[UUID]) -> HeldWork:
    """Lock work orders and the supply they touch, in key order."""
    wanted = id_list(list(ids))
    sql.rows("lock_work", ids=wanted)
    sql.rows("lock_supply_of_work", ids=wanted)
    return HeldWork(queries.work(wanted))


def barred(head: WorkFacts, verb: str, remedy: str) -> Finding | None:
    """Why a verb cannot be done with a work order in its state."""
    if WORK_LIFECYCLE.allows(verb, head.state):
        return None
    return Finding("work_state", f"work order {head.number} is {head.state}; {remedy}", "", {"state": head.state})


def moved(head: WorkFacts, verb: str) -> WorkFacts:
    """The work order in the state that a verb leads to."""
    return replace(head, state=WORK_LIFECYCLE.after(verb))


def entry(head: WorkFacts, change: dict[str, object] | None = None) -> Entry:
    """What happened to a work order."""
    return Entry("work_order", head.id, {"number": head.number, "sku": head.sku, **(change or {})})
