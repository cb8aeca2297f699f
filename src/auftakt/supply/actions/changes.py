"""What happens to placed purchase orders: receipts, new days, cancellations, closing."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Arrival, Arrived, AsideMove, LotsTold
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.supply import rules
from auftakt.supply.actions.holding import Held, entry, hold, sql
from auftakt.supply.types import (
    PURCHASE_LIFECYCLE,
    PurchaseCancellation,
    PurchaseLineFacts,
    PurchaseReceipt,
    Rescheduling,
)
from auftakt.values import Finding, Outcome, Refusal


def book_receipts(receipts: Sequence[PurchaseReceipt], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book what came in of purchase order lines: stock rises, the open quantity falls. Done: one `Arrived` for each
    receipt that became stock, in input order. Lines that ask for it go to quarantine instead, and are open until they
    are accepted. More than ordered is taken within the line's tolerance; a rest within the tolerance that nobody was
    promised is given up. An order with nothing open any more is received.

    Refusals (subject: the index in the batch): `line_unknown`, `purchase_not_open`, `over_receipt`, `site_closed`,
    `quantity_not_positive`, `quantity_fractional`; of tracked items `lots_missing`, `serials_missing`,
    `lots_do_not_sum`, `lot_repeated`, `lot_used_twice`, `serial_repeated`, `serial_in_stock`, `serial_is_one`.
    """
    with transaction.atomic(savepoint=False):
        held = hold([receipt.line_id for receipt in receipts], with_supply=True)
        lots = _lot_findings(held, receipts, at)
        accepted: list[PurchaseReceipt] = []
        refused: list[Refusal] = []
        for index, receipt in enumerate(receipts):
            line = held.line(receipt.line_id)
            finding = line if isinstance(line, Finding) else _receipt_finding(held, line, receipt.quantity)
            findings = (finding,) if finding else tuple(lots.get(index, ()))
            if isinstance(line, Finding) or findings:
                refused.append(Refusal(str(index), findings))
                continue
            accepted.append(receipt)
            held.put(rules.received(line, receipt.quantity))
        entries = [
            entry(
                held.lines[receipt.line_id],
                {"quantity": receipt.quantity, "note": receipt.note, "inspect": held.lines[receipt.line_id].inspects},
            )
            for receipt in accepted
        ]
        arrived = _take_in(held, accepted, actor, at)
        given_up = _give_up_rests(held, arrived, actor, at)
        held.write()
        journal.write("supply.received", entries, actor=actor, at=at)
        journal.write("supply.cancelled", given_up, actor=actor, at=at)
    return Outcome(arrived, tuple(refused))


def _receipt_finding(held: Held, line: PurchaseLineFacts, quantity: Decimal) -> Finding | None:
    finding = rules.receipt_finding(line, held.state(line), quantity)
    head = held.heads[line.purchase_order_id]
    if finding is None and not head.site_is_open:
        return Finding("site_closed", f"site {head.site_code} is closed; open it first", "", {"site": head.site_code})
    return finding


def _lot_findings(held: Held, receipts: Sequence[PurchaseReceipt], at: datetime) -> dict[int, list[Finding]]:
    """What is wrong with lots and serial numbers, by the index of the receipt."""
    told: dict[int, LotsTold] = {}
    for index, receipt in enumerate(receipts):
        line = held.line(receipt.line_id)
        if not isinstance(line, Finding) and (line.tracking != "none" or receipt.lots):
            told[index] = LotsTold(line.item_id, line.sku, receipt.quantity, receipt.lots, line.tracking)
    return dict(zip(told, inventory.judge_lots(list(told.values()), at), strict=True)) if told else {}


def _take_in(held: Held, receipts: Sequence[PurchaseReceipt], actor: str, at: datetime) -> tuple[Arrived, ...]:
    """Into stock what needs no inspection, into quarantine the rest; first supply grows by what came beyond orders."""
    stocked = [each for each in receipts if not held.lines[each.line_id].inspects]
    aside = [each for each in receipts if held.lines[each.line_id].inspects]
    came: dict[UUID, Decimal] = defaultdict(Decimal)
    for receipt in stocked:
        came[receipt.line_id] += receipt.quantity
    grown = [line for line in held.changed.values() if line.excess]
    if grown:
        supplies = [replace(held.supply(line), quantity=line.open + came.get(line.id, Decimal(0))) for line in grown]
        _certain(inventory.expect(supplies, actor=actor, at=at))
    if aside:
        moves = [
            AsideMove(
                line.id, line.item_id, held.heads[line.purchase_order_id].site_id, receipt.quantity, "supplier",
                "quarantine", "quarantine", receipt.note, receipt.lots,
            )
            for receipt in aside
            if (line := held.lines[receipt.line_id])
        ]  # fmt: skip
        _certain(inventory.move_aside(moves, actor=actor, at=at))
    if not stocked:
        return ()
    arrivals = [Arrival(receipt.line_id, receipt.quantity, receipt.note, lots=receipt.lots) for receipt in stocked]
    arrived = inventory.arrive(arrivals, actor=actor, at=at)
    _certain(arrived)
    return arrived.done


def _certain(outcome: Outcome[Any]) -> None:
    if outcome.refused:
        raise RuntimeError(f"open purchase and expected supply differ: {outcome.refused[0].message}")


def _give_up_rests(held: Held, arrived: Sequence[Arrived], actor: str, at: datetime) -> list[Entry]:
    """Rests within the tolerance that no promise holds will not come."""
    moved: dict[UUID, Decimal] = defaultdict(Decimal)
    for each in arrived:
        moved[each.expected_bucket_id] += each.drawn_moved
    ending: list[PurchaseLineFacts] = []
    entries: list[Entry] = []
    for line in list(held.changed.values()):
        rest = rules.small_rest(line)
        promised = line.promised - moved.get(line.bucket_id, Decimal(0)) if line.bucket_id else line.promised
        if rest and promised <= line.open - rest:
            ending.append(replace(line, cancelled=line.cancelled + rest))
            entries.append(entry(line, {"quantity": rest, "why": "tolerance"}))
    if ending:
        _certain(inventory.expect([held.supply(line) for line in ending], actor=actor, at=at))
        for line in ending:
            held.put(line)
    return entries


def _change(
    wishes: Sequence[tuple[UUID, Callable[[Held, PurchaseLineFacts], PurchaseLineFacts | Finding]]],
    verb: str,
    describe: Callable[[PurchaseLineFacts, PurchaseLineFacts], dict[str, object]],
    actor: str,
    at: datetime,
) -> Outcome[UUID]:
    """Change lines one wish each, and the expected supply with them; what the supply refuses stays as it was."""
    with transaction.atomic(savepoint=False):
        held = hold([line_id for line_id, _ in wishes])
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
        supplies = [held.supply(line) for _, line in wanted.values() if held.expects(line)]
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
                entries.append(entry(line, describe(held.lines[line_id], line)))
                held.put(line)
        held.write()
        journal.write(verb, entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(sorted(refused, key=lambda each: int(each.subject))))


def reschedule(reschedulings: Sequence[Rescheduling], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Move what is open of lines to another day; the promises held of it stay pegged. Done: line ids, in input order.

    Refusals (subject: the index in the batch): `line_unknown`, `line_repeated`, `purchase_not_open`, `nothing_open`.
    """

    def move(wish: Rescheduling) -> Callable[[Held, PurchaseLineFacts], PurchaseLineFacts | Finding]:
        def change(held: Held, line: PurchaseLineFacts) -> PurchaseLineFacts | Finding:
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

    def give_up(wish: PurchaseCancellation) -> Callable[[Held, PurchaseLineFacts], PurchaseLineFacts | Finding]:
        def change(held: Held, line: PurchaseLineFacts) -> PurchaseLineFacts | Finding:
            quantity = line.to_come if wish.quantity is None else wish.quantity
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
        held = hold((), id_list(list(order_ids)))
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
