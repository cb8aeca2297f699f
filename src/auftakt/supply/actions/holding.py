"""Purchase orders held by a verb: locked, changed line by line, written with their supply and states."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from auftakt.inventory.types import ExpectedSupply
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.supply import queries, rules
from auftakt.supply.types import EXPECTING, PurchaseFacts, PurchaseLineFacts
from auftakt.values import Finding

sql = Statements("auftakt.supply")


@dataclass(slots=True)
class Held:
    """Locked purchase orders with all their lines, as a batch changes them member by member."""

    heads: dict[UUID, PurchaseFacts]
    lines: dict[UUID, PurchaseLineFacts]
    changed: dict[UUID, PurchaseLineFacts] = field(default_factory=dict)
    stated: dict[UUID, str] = field(default_factory=dict)

    def line(self, line_id: UUID) -> PurchaseLineFacts | Finding:
        return self.lines.get(line_id) or Finding(
            "line_unknown", f"there is no purchase order line {line_id}", "/line_id", {"line_id": str(line_id)}
        )

    def state(self, line: PurchaseLineFacts) -> str:
        return self.heads[line.purchase_order_id].state

    def of_order(self, order_id: UUID) -> list[PurchaseLineFacts]:
        return [line for line in self.lines.values() if line.purchase_order_id == order_id]

    def put(self, line: PurchaseLineFacts) -> None:
        self.lines[line.id] = self.changed[line.id] = line

    def expects(self, line: PurchaseLineFacts) -> bool:
        return self.state(line) in EXPECTING

    def supply(self, line: PurchaseLineFacts) -> ExpectedSupply:
        site = self.heads[line.purchase_order_id].site_id
        return ExpectedSupply(line.id, "purchase", line.item_id, site, line.expected_on, line.open)

    def write(self) -> None:
        """Store changed lines, and the states their orders are in by them."""
        if not self.changed and not self.stated:
            return
        lines = list(self.changed.values())
        if lines:
            sql.run(
                "change_lines",
                ids=[line.id for line in lines],
                received=[line.received for line in lines],
                cancelled=[line.cancelled for line in lines],
                excess=[line.excess for line in lines],
                inspecting=[line.inspecting for line in lines],
                rejected=[line.rejected for line in lines],
                days=[line.expected_on for line in lines],
            )
        by_order: dict[UUID, list[PurchaseLineFacts]] = defaultdict(list)
        for line in self.lines.values():
            by_order[line.purchase_order_id].append(line)
        concerned = {line.purchase_order_id for line in lines} | set(self.stated)
        states = {key: rules.state_of(self.stated.get(key, self.heads[key].state), by_order[key]) for key in concerned}
        moved = {key: state for key, state in states.items() if state != self.heads[key].state}
        if moved:
            sql.run("change_states", ids=list(moved), states=list(moved.values()))


def hold(line_ids: Sequence[UUID], order_ids: Sequence[UUID] = (), *, with_supply: bool = False) -> Held:
    """Lock orders, and those of some lines, in key order; with their supply, nobody is promised any of it meanwhile."""
    locked = [key for (key,) in sql.rows("lock_purchases", lines=id_list(list(line_ids)), orders=list(order_ids))]
    if with_supply:
        sql.rows("lock_supply_of_purchases", orders=locked)
    heads, lines = queries.heads_and_lines(locked)
    return Held(heads, lines)


def hold_purchases(order_ids: Sequence[UUID]) -> None:
    """Lock purchase orders until the caller's transaction ends. For callers who free what is promised of them before
    they change them: orders of customers are locked before, supply after."""
    sql.rows("lock_purchases", lines=[], orders=sorted(set(order_ids)))


def hold_transfers(transfer_ids: Sequence[UUID]) -> None:
    """Lock transfers until the caller's transaction ends, as `hold_purchases`."""
    sql.rows("lock_transfers", lines=[], orders=sorted(set(transfer_ids)))


def entry(line: PurchaseLineFacts, change: dict[str, object]) -> Entry:
    """What happened to a line, under its order."""
    facts = {"number": line.purchase_order_number, "line_id": line.id, "line": line.line_number, "sku": line.sku}
    return Entry("purchase_order", line.purchase_order_id, {**facts, **change})
