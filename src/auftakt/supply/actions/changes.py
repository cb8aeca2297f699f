"""What happens to placed purchase orders: receipts, new days, cancellations, closing."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Arrival, Arrived, ExpectedSupply
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.supply import queries, rules
from auftakt.supply.types import (
    PURCHASE_LIFECYCLE,
    PurchaseCancellation,
    PurchaseFacts,
    PurchaseLineFacts,
    PurchaseReceipt,
    Rescheduling,
)
from auftakt.values import Finding, Outcome, Refusal

sql = Statements("auftakt.supply")


@dataclass(slots=True)
class _Held:
    """Locked purchase orders with all their lines, as a batch changes them member by member."""

    heads: dict[UUID, PurchaseFacts]
    lines: dict[UUID, PurchaseLineFacts]
    changed: dict[UUID, PurchaseLineFacts] = field(default_factory=dict)

    def line(self, line_id: UUID) -> PurchaseLineFacts | Finding:
        return self.lines.get(line_id) or Finding(
            "line_unknown", f"there is no purchase order line {line_id}", "/line_id", {"line_id": str(line_id)}
        )

    def state(self, line: PurchaseLineFacts) -> str:
        return self.heads[line.purchase_order_id].state

    def put(self, line: PurchaseLineFacts) -> None:
        self.lines[line.id] = self.changed[line.id] = line

    def supply(self, line: PurchaseLineFacts) -> ExpectedSupply:
        site = self.heads[line.purchase_order_id].site_id
        return ExpectedSupply(line.id, "purchase", line.item_id, site, line.expected_on, line.open)

    def write(self) -> None:
        """Store changed lines, and the states their orders are in by them."""
        if not self.changed:
            return
        lines = list(self.changed.values())
        sql.run(
            "change_lines",
            ids=[line.id for line in lines],
            received=[line.received for line in lines],
            cancelled=[line.cancelled for line in lines],
            days=[line.expected_on for line in lines],
        )
        by_order: dict[UUID, list[PurchaseLineFacts]] = defaultdict(list)
        for line in self.lines.values():
            by_order[line.purchase_order_id].append(line)
        states = {line.purchase_order_id: rules.state_of(by_order[line.purchase_order_id]) for line in lines}
        moved = {key: state for key, state in states.items() if state != self.heads[key].state}
        if moved:
            sql.run("change_states", ids=list(moved), states=list(moved.values()))


def _hold(line_ids: Sequence[UUID], order_ids: Sequence[UUID] = ()) -> _Held:
    locked = [key for (key,) in sql.rows("lock_purchases", lines=id_list(list(line_ids)), orders=list(order_ids))]
    heads, lines = queries.heads_and_lines(locked)
    return _Held(heads, lines)


def book_receipts(receipts: Sequence[PurchaseReceipt], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book what came in of purchase order lines: stock rises, the open quantity falls. Done: one `Arrived` for each
    receipt, in input order. An order with nothing open any more is received.

    Refusals (subject: the index in the batch): `line_unknown`, `purchase_not_open`, `over_receipt`, `site_closed`,
    `quantity_not_positive`, `quantity_fractional`.
    """
    with transaction.atomic(savepoint=False):
        held = _hold([receipt.line_id for receipt in receipts])
        accepted: list[PurchaseReceipt] = []
        refused: list[Refusal] = []
        for index, receipt in enumerate(receipts):
            line = held.line(receipt.line_id)
            finding = line if isinstance(line, Finding) else _receipt_finding(held, line, receipt.quantity)
            if isinstance(line, Finding) or finding:
                refused.append(Refusal(str(index), (finding,) if finding else ()))
                continue
            accepted.append(receipt)
            held.put(replace(line, received=line.received + receipt.quantity))
        arrivals = [Arrival(receipt.line_id, receipt.quantity, receipt.note) for receipt in accepted]
        arrived = inventory.arrive(arrivals, actor=actor, at=at) if arrivals else Outcome()
        if arrived.refused:
            raise RuntimeError(f"open purchase and expected supply differ: {arrived.refused[0].message}")
        held.write()
        entries = [
            _entry(held.lines[receipt.line_id], {"quantity": receipt.quantity, "note": receipt.note})
            for receipt in accepted
        ]
        journal.write("supply.received", entries, actor=actor, at=at)
    return Outcome(arrived.done, tuple(refused))


def _receipt_finding(held: _Held, line: PurchaseLineFacts, quantity: Decimal) -> Finding | None:
    finding = rules.receipt_finding(line, held.state(line), quantity)
    head = held.heads[line.purchase_order_id]
    if finding is None and not head.site_is_open:
        return Finding("site_closed", f"site {head.site_code} is closed; open it first", "", {"site": head.site_code})
    return finding


def _entry(line: PurchaseLineFacts, change: dict[str, object]) -> Entry:
    facts = {"number": line.purchase_order_number, "line_id": line.id, "line": line.line_number, "sku": line.sku}
    return Entry("purchase_order", line.purchase_order_id, {**facts, **change})


def _change(
    wishes: Sequence[tuple[UUID, Callable[[_Held, PurchaseLineFacts], PurchaseLineFacts | Finding]]],
    verb: str,
    describe: Callable[[PurchaseLineFacts, PurchaseLineFacts], dict[str, object]],
    actor: str,
    at: datetime,
) -> Outcome[UUID]:
    """Change lines one wish each, and the expected supply with them; what the supply refuses stays as it was."""
    with transaction.atomic(savepoint=False):
        held = _hold([line_id for line_id, _ in wishes])
        wanted: dict[UUID, tuple[int, PurchaseLineFacts]] = {}
        refused: list[Refusal] = []
        for index, (line_id, change) in enumerate(wishes):
            line = held.line(line_id)
            if line_id in wanted:
                line = Finding("line_repeated", "this line is named twice in the batch; name it once", "/line_id")
            new = line if isinstance(line, Finding) else change(held, line)
            if isinstance(new, Finding):
                refused.append(Refusal(str(index), (new,)))
            else:
                wanted[line_id] = (index, new)
        supplies = [held.supply(line) for _, line in wanted.values()]
        expected = inventory.expect(supplies, actor=actor, at=at) if supplies else Outcome()
        kept = {UUID(refusal.subject): refusal.findings for refusal in expected.refused}
        entries: list[Entry] = []
        done: list[UUID] = []
        for line_id, (index, line) in wanted.items():
            if line_id in kept:
                refused.append(Refusal(str(index), kept[line_id]))
                continue
            done.append(line_id)
            if line != held.lines[line_id]:
                entries.append(_entry(line, describe(held.lines[line_id], line)))
                held.put(line)
        held.write()
        journal.write(verb, entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(sorted(refused, key=lambda each: int(each.subject))))


def reschedule(reschedulings: Sequence[Rescheduling], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Move what is open of lines to another day; the promises held of it stay pegged. Done: line ids, in input order.

    Refusals (subject: the index in the batch): `line_unknown`, `line_repeated`, `purchase_not_open`, `nothing_open`.
    """

    def move(wish: Rescheduling) -> Callable[[_Held, PurchaseLineFacts], PurchaseLineFacts | Finding]:
        def change(held: _Held, line: PurchaseLineFacts) -> PurchaseLineFacts | Finding:
            finding = rules.change_finding(line, held.state(line))
            return finding or replace(line, expected_on=wish.expected_on)

        return change

    return _change(
        [(wish.line_id, move(wish)) for wish in reschedulings],
        "supply.rescheduled",
        lambda old, new: {"from": old.expected_on, "to": new.expected_on},
        actor,
        at,
    )


def cancel(cancellations: Sequence[PurchaseCancellation], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give up what is open of lines, or part of it. Done: line ids, in input order. An order with nothing open any
    more is cancelled, or received if something came.

    Refusals (subject: the index in the batch): `supply_promised` when less would be left than promises hold (facts:
    drawn), `line_unknown`, `line_repeated`, `purchase_not_open`, `nothing_open`, `more_than_open`,
    `quantity_not_positive`, `quantity_fractional`.
    """

    def give_up(wish: PurchaseCancellation) -> Callable[[_Held, PurchaseLineFacts], PurchaseLineFacts | Finding]:
        def change(held: _Held, line: PurchaseLineFacts) -> PurchaseLineFacts | Finding:
            quantity = line.open if wish.quantity is None else wish.quantity
            finding = rules.cancel_finding(line, held.state(line), quantity)
            return finding or replace(line, cancelled=line.cancelled + quantity)

        return change

    return _change(
        [(wish.line_id, give_up(wish)) for wish in cancellations],
        "supply.cancelled",
        lambda old, new: {"quantity": new.cancelled - old.cancelled},
        actor,
        at,
    )


def close(order_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put received purchase orders away. Done: their ids, in input order; closed ones are done already.

    Refusals (subject: the id): `purchase_unknown`, `purchase_not_received`.
    """
    with transaction.atomic(savepoint=False):
        held = _hold((), id_list(list(order_ids)))
        done: list[UUID] = []
        refused: list[Refusal] = []
        closing: list[UUID] = []
        for key in dict.fromkeys(order_ids):
            head = held.heads.get(key)
            if head is None:
                refused.append(Refusal.because(key, "purchase_unknown", f"there is no purchase order {key}"))
                continue
            if head.state != "closed" and not PURCHASE_LIFECYCLE.allows("close", head.state):
                message = f"purchase order {head.number} is {head.state}; receive or cancel what is open first"
                refused.append(Refusal.because(key, "purchase_not_received", message, state=head.state))
                continue
            done.append(key)
            if head.state != "closed":
                closing.append(key)
        if closing:
            sql.run("change_states", ids=closing, states=[PURCHASE_LIFECYCLE.after("close")] * len(closing))
        entries = [Entry("purchase_order", key, {"number": held.heads[key].number}) for key in closing]
        journal.write("supply.closed", entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))
