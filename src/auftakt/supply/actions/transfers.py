"""Transfers between sites: placed they hold the stock of their origin and are expected at their destination."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import Arrival, Arrived, AsideMove, BucketDraw, ExpectedSupply, Issue, SiteFacts
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import serials
from auftakt.platform.sql import Statements, insert_rows
from auftakt.supply import queries, rules
from auftakt.supply.types import (
    TRANSFER_LIFECYCLE,
    TransferCancellation,
    TransferDraft,
    TransferFacts,
    TransferLineFacts,
    TransferLoss,
    TransferReceipt,
)
from auftakt.values import Finding, Outcome, Refusal, new_id, new_ids

sql = Statements("auftakt.supply")


@dataclass(slots=True)
class _Held:
    """Locked transfers with all their lines, as a batch changes them member by member."""

    heads: dict[UUID, TransferFacts]
    lines: dict[UUID, TransferLineFacts]
    changed: dict[UUID, TransferLineFacts] = field(default_factory=dict)
    moved: dict[UUID, TransferFacts] = field(default_factory=dict)

    def line(self, line_id: UUID) -> TransferLineFacts | Finding:
        return self.lines.get(line_id) or Finding(
            "line_unknown", f"there is no transfer line {line_id}", "/line_id", {"line_id": str(line_id)}
        )

    def of(self, transfer_id: UUID) -> list[TransferLineFacts]:
        return [line for line in self.lines.values() if line.transfer_id == transfer_id]

    def put(self, line: TransferLineFacts) -> None:
        self.lines[line.id] = self.changed[line.id] = line

    def supply(self, line: TransferLineFacts) -> ExpectedSupply:
        head = self.moved.get(line.transfer_id) or self.heads[line.transfer_id]
        return ExpectedSupply(line.id, "transfer", line.item_id, head.to_site_id, head.arrive_on, line.open)

    def write(self) -> None:
        """Store changed lines, and the states their transfers are in by them."""
        lines = list(self.changed.values())
        if lines:
            sql.run(
                "change_transfer_lines",
                ids=[line.id for line in lines],
                cancelled=[line.cancelled for line in lines],
                shipped=[line.shipped for line in lines],
                received=[line.received for line in lines],
                lost=[line.lost for line in lines],
            )
        heads: list[TransferFacts] = []
        for key in {line.transfer_id for line in lines} | set(self.moved):
            head = self.moved.get(key, self.heads[key])
            head = replace(head, state=rules.transfer_state(head.state, self.of(key)))
            if head != self.heads[key]:
                heads.append(head)
        if heads:
            sql.run(
                "change_transfers",
                ids=[head.id for head in heads],
                states=[head.state for head in heads],
                days=[head.arrive_on for head in heads],
            )


def _hold(line_ids: Sequence[UUID], transfer_ids: Sequence[UUID] = ()) -> _Held:
    """Lock transfers, and those of some lines, with the supply they touch, in key order."""
    locked = [key for (key,) in sql.rows("lock_transfers", lines=id_list(list(line_ids)), orders=list(transfer_ids))]
    sql.rows("lock_supply_of_transfers", orders=locked)
    return _Held(*queries.transfer_heads_and_lines(locked))


def _certain(outcome: Outcome[Any]) -> None:
    if outcome.refused:
        raise RuntimeError(f"a transfer and its supply differ: {outcome.refused[0].message}")


def _entry(line: TransferLineFacts, change: dict[str, object]) -> Entry:
    facts = {"number": line.transfer_number, "line_id": line.id, "line": line.line_number, "sku": line.sku}
    return Entry("transfer_order", line.transfer_id, {**facts, **change})


@dataclass(frozen=True, slots=True)
class _Making:
    """A draft whose names have been looked up; lines in base units."""

    index: int
    id: UUID
    draft: TransferDraft
    source: SiteFacts
    target: SiteFacts
    lines: tuple[tuple[ItemFacts, Decimal], ...]

    def facts(self) -> tuple[object, ...]:
        """What never changes."""
        return self.source.id, self.target.id, [item.id for item, _ in self.lines], [each for _, each in self.lines]


def order_transfers(drafts: Sequence[TransferDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Make transfers; those that say so are placed at once (see `place_transfers`). Done: their ids, in input order.

    A number that exists with the same sites, items and quantities is done already. Refusals (subject: the index) name
    every problem: `site_unknown`, `site_closed`, `same_site`, `item_unknown`, `item_not_stocked`, `unit_unknown`,
    `quantity_not_positive`, `quantity_fractional`, `lines_missing`, `transit_out_of_range`, `number_too_long`,
    `state_unknown`, `transfer_number_taken`, and `stock_insufficient` where the origin has not that much free.
    """
    sites = stock.sites_by_code({code for draft in drafts for code in (draft.from_site, draft.to_site)})
    items = catalog.items_by_sku(sorted({line.sku for draft in drafts for line in draft.lines}))
    makings: list[_Making] = []
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        read = _read(index, draft, sites, items)
        if isinstance(read, _Making):
            makings.append(read)
        else:
            refused.append(Refusal(str(index), tuple(read)))
    with transaction.atomic(savepoint=False):
        ids, taken = _make(makings, actor, at) if makings else ({}, [])
        refused += taken
    return Outcome(
        tuple(ids[index] for index in sorted(ids)), tuple(sorted(refused, key=lambda each: int(each.subject)))
    )


def _read(
    index: int, draft: TransferDraft, sites: Mapping[str, SiteFacts], items: Mapping[str, ItemFacts]
) -> _Making | list[Finding]:
    findings = rules.transfer_findings(draft)
    ends: list[SiteFacts] = []
    for code, place in ((draft.from_site, "/from_site"), (draft.to_site, "/to_site")):
        site = sites.get(code)
        if site is None:
            findings.append(Finding("site_unknown", f"site {code} is unknown; check its code", place))
        elif not site.is_open:
            findings.append(Finding("site_closed", f"site {code} is closed; open it first", place))
        else:
            ends.append(site)
    lines: list[tuple[ItemFacts, Decimal]] = []
    for number, line in enumerate(draft.lines):
        place = f"/lines/{number}"
        item = items.get(line.sku)
        if item is None:
            findings.append(Finding("item_unknown", f"item {line.sku} is unknown; check its SKU", f"{place}/sku"))
        elif item.kind != "stocked":
            message = f"item {item.sku} is a {item.kind} and is not kept in stock"
            findings.append(Finding("item_not_stocked", message, f"{place}/sku"))
        elif not (line.quantity.is_finite() and line.quantity > 0):
            message = f"the quantity must be above zero, not {line.quantity}"
            findings.append(Finding("quantity_not_positive", message, f"{place}/quantity"))
        else:
            base = catalog.base_quantity(item, line.quantity, line.unit, f"{place}/quantity")
            if isinstance(base, Finding):
                findings.append(base)
            else:
                lines.append((item, base))
    if findings:
        return findings
    return _Making(index, new_id(), draft, ends[0], ends[1], tuple(lines))


def _make(makings: Sequence[_Making], actor: str, at: datetime) -> tuple[dict[int, UUID], list[Refusal]]:
    drawn = serials("supply_transferorder", "serial", len(makings))
    numbers = [making.draft.number.strip() or f"TO-{serial:06d}" for serial, making in zip(drawn, makings, strict=True)]
    first: dict[str, tuple[int, _Making]] = {}
    for serial, number, making in zip(drawn, numbers, makings, strict=True):
        first.setdefault(number, (serial, making))
    fresh = [making for _, making in first.values()]
    rows = sql.rows(
        "insert_transfers",
        ids=[making.id for making in fresh],
        serials=[serial for serial, _ in first.values()],
        numbers=list(first),
        sources=[making.source.id for making in fresh],
        targets=[making.target.id for making in fresh],
        ship_days=[making.draft.ship_on for making in fresh],
        transit=[making.draft.transit_days for making in fresh],
        arrive_days=[making.draft.ship_on + timedelta(days=making.draft.transit_days) for making in fresh],
        notes=[making.draft.note.strip()[:300] for making in fresh],
        at=at,
    )
    made = {key for (key,) in rows}
    lines = [
        (making.id, position, item.id, quantity, 0, 0, 0, 0)
        for making in fresh
        if making.id in made
        for position, (item, quantity) in enumerate(making.lines, 1)
    ]
    columns = ("id", "transfer_id", "line_number", "item_id", "quantity", "cancelled", "shipped", "received", "lost")
    insert_rows("supply_transferorderline", columns, [
        (key, *line) for key, line in zip(new_ids(len(lines)), lines, strict=True)
    ])  # fmt: skip
    entries = [
        Entry("transfer_order", making.id, {
            "number": number, "from": making.source.code, "to": making.target.code,
            "lines": [{"sku": item.sku, "quantity": quantity} for item, quantity in making.lines],
        })
        for number, (_, making) in first.items()
        if making.id in made
    ]  # fmt: skip
    journal.write("supply.transfer_drafted", entries, actor=actor, at=at)
    again = sorted({number for number, making in zip(numbers, makings, strict=True) if making.id not in made})
    standing = {row[0]: row[1:] for row in sql.rows("placed_transfers", numbers=again)} if again else {}
    placing = [making for making in fresh if making.id in made and making.draft.state == "placed"]
    placed = place_transfers([making.id for making in placing], actor=actor, at=at) if placing else Outcome()
    return _made(list(zip(numbers, makings, strict=True)), made, standing, placed)


def _made(
    makings: Sequence[tuple[str, _Making]],
    made: set[UUID],
    standing: Mapping[str, tuple[Any, ...]],
    placed: Outcome[UUID],
) -> tuple[dict[int, UUID], list[Refusal]]:
    """Ids by index of what stands now, and refusals of numbers taken and of stock that is not there."""
    short = {UUID(refusal.subject): refusal.findings for refusal in placed.refused}
    ids: dict[int, UUID] = {}
    refused: list[Refusal] = []
    for number, making in makings:
        if making.id in short:
            refused.append(Refusal(str(making.index), short[making.id]))
        elif making.id in made:
            ids[making.index] = making.id
        elif number in standing and standing[number][1:] == making.facts():
            ids[making.index] = standing[number][0]
        else:
            message = f"transfer {number} exists with other content; use a new number"
            refused.append(Refusal.because(making.index, "transfer_number_taken", message, place="/number"))
    return ids, refused


def place_transfers(transfer_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Bind drafts: the stock of the origin is held, the destination expects it. Done: their ids, in input order; placed
    ones are done already. A transfer is placed whole or stays a draft.

    Refusals (subject: the id): `transfer_unknown`, `transfer_not_draft`, `stock_insufficient`.
    """
    with transaction.atomic(savepoint=False):
        held = _hold((), id_list(list(transfer_ids)))
        done, moving, refused = _step(held, transfer_ids, "place")
        pairs = {(line.item_id, held.heads[key].from_site_id) for key in moving for line in held.of(key)}
        shelves = stock.on_hand_buckets(pairs)
        states = stock.free_of(list(shelves.values()))
        draws: list[BucketDraw] = []
        placed: list[UUID] = []
        for key in moving:
            wanted, findings = _claims(held, key, shelves, states)
            if findings:
                refused.append(Refusal(str(key), tuple(findings)))
                done.remove(key)
                continue
            for bucket, quantity in wanted.items():
                states[bucket] -= quantity
                draws.append(BucketDraw(bucket, quantity))
            placed.append(key)
            held.moved[key] = replace(held.heads[key], state="placed")
        if placed:
            _certain(inventory.draw(draws, actor=actor, at=at))
            supplies = [held.supply(line) for key in placed for line in held.of(key) if line.open > 0]
            _certain(inventory.expect(supplies, actor=actor, at=at))
        held.write()
        journal.write("supply.transfer_placed", [_head_entry(held, key) for key in placed], actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _claims(
    held: _Held, key: UUID, shelves: Mapping[tuple[UUID, UUID], UUID], states: Mapping[UUID, Decimal]
) -> tuple[dict[UUID, Decimal], list[Finding]]:
    """What a transfer takes of each bucket of its origin, and what is not free there."""
    head = held.heads[key]
    wanted: dict[UUID, Decimal] = defaultdict(Decimal)
    findings: list[Finding] = []
    for line in held.of(key):
        bucket = shelves.get((line.item_id, head.from_site_id))
        free = states[bucket] - wanted[bucket] if bucket else Decimal(0)
        if bucket is None or line.to_ship > free:
            message = (
                f"{line.sku} at {head.from_site}: {rules.plain(line.to_ship)} wanted, {rules.plain(free)} free;"
                " send less, or free promises first"
            )
            facts = {"sku": line.sku, "site": head.from_site, "available": rules.plain(free)}
            findings.append(Finding("stock_insufficient", message, f"/lines/{line.line_number - 1}/quantity", facts))
        else:
            wanted[bucket] += line.to_ship
    return {bucket: quantity for bucket, quantity in wanted.items() if quantity > 0}, findings


_WRONG = {"place": "transfer_not_draft", "ship": "transfer_not_placed"}


def _step(held: _Held, ids: Sequence[UUID], verb: str) -> tuple[list[UUID], list[UUID], list[Refusal]]:
    done: list[UUID] = []
    moving: list[UUID] = []
    refused: list[Refusal] = []
    target = TRANSFER_LIFECYCLE.after(verb)
    for key in dict.fromkeys(ids):
        head = held.heads.get(key)
        if head is None:
            refused.append(Refusal.because(key, "transfer_unknown", f"there is no transfer {key}"))
        elif head.state == target:
            done.append(key)
        elif not TRANSFER_LIFECYCLE.allows(verb, head.state):
            message = f"transfer {head.number} is {head.state}; it cannot be {target}"
            refused.append(Refusal.because(key, _WRONG[verb], message, state=head.state))
        else:
            done.append(key)
            moving.append(key)
    return done, moving, refused


def _head_entry(held: _Held, key: UUID) -> Entry:
    head = held.moved.get(key, held.heads[key])
    lines = [{"sku": line.sku, "quantity": line.open, "expected_on": head.arrive_on} for line in held.of(key)]
    change = {"number": head.number, "from": head.from_site, "to": head.to_site, "lines": lines}
    return Entry("transfer_order", key, change)


def ship_transfers(transfer_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let placed transfers leave: their goods are in transit, and arrive as many days later as transit takes. Done:
    their ids, in input order; shipped ones are done already.

    Refusals (subject: the id): `transfer_unknown`, `transfer_not_placed`.
    """
    with transaction.atomic(savepoint=False):
        held = _hold((), id_list(list(transfer_ids)))
        done, moving, refused = _step(held, transfer_ids, "ship")
        leaving = [line for key in moving for line in held.of(key) if line.to_ship > 0]
        shelves = stock.on_hand_buckets({(line.item_id, held.heads[line.transfer_id].from_site_id) for line in leaving})
        if leaving:
            issues = [
                Issue(
                    shelves[line.item_id, held.heads[line.transfer_id].from_site_id], line.to_ship, line.id, "transfer"
                )
                for line in leaving
            ]
            _certain(inventory.issue(issues, actor=actor, at=at))
        for key in moving:
            head = held.heads[key]
            arrive_on = max(head.arrive_on, at.date() + timedelta(days=head.transit_days))
            held.moved[key] = replace(head, state="shipped", arrive_on=arrive_on)
        for line in leaving:
            held.put(replace(line, shipped=line.shipped + line.to_ship))
        supplies = [held.supply(line) for key in moving for line in held.of(key)]
        if supplies:
            _certain(inventory.expect(supplies, actor=actor, at=at))
        held.write()
        journal.write("supply.transfer_shipped", [_head_entry(held, key) for key in moving], actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def book_transfer_receipts(receipts: Sequence[TransferReceipt], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book what came in of transfers. Done: one `Arrived` for each receipt, in input order. Callers that hold pegs use
    `promising.receive_transfers`.

    Refusals (subject: the index): `line_unknown`, `transfer_not_shipped`, `over_receipt`, `site_closed`,
    `quantity_not_positive`, `quantity_fractional`.
    """
    with transaction.atomic(savepoint=False):
        held = _hold([receipt.line_id for receipt in receipts])
        coming: list[tuple[int, TransferReceipt, TransferLineFacts]] = []
        refused: list[Refusal] = []
        for index, receipt in enumerate(receipts):
            line = held.line(receipt.line_id)
            finding = line if isinstance(line, Finding) else _arrival_finding(held, line, receipt.quantity)
            if isinstance(line, Finding) or finding:
                refused.append(Refusal(str(index), (finding,) if finding else ()))
                continue
            held.put(replace(line, received=line.received + receipt.quantity))
            coming.append((index, receipt, line))
        arrivals = [Arrival(each.line_id, each.quantity, each.note, lots=each.lots) for _, each, _ in coming]
        arrived = inventory.arrive(arrivals, actor=actor, at=at) if arrivals else Outcome()
        barred = {int(each.subject): each.findings for each in arrived.refused}
        accepted = [receipt for place, (_, receipt, _) in enumerate(coming) if place not in barred]
        for place, findings in barred.items():  # lots that were not sent
            index, receipt, _ = coming[place]
            line = held.changed[receipt.line_id]
            held.put(replace(line, received=line.received - receipt.quantity))
            refused.append(Refusal(str(index), findings))
        held.write()
        entries = [
            _entry(held.lines[each.line_id], {"quantity": each.quantity, "note": each.note}) for each in accepted
        ]
        journal.write("supply.transfer_received", entries, actor=actor, at=at)
    return Outcome(arrived.done, tuple(sorted(refused, key=lambda each: int(each.subject))))


def _arrival_finding(held: _Held, line: TransferLineFacts, quantity: Decimal) -> Finding | None:
    head = held.heads[line.transfer_id]
    finding = rules.arrival_finding(line, quantity)
    if finding is None and not head.to_site_is_open:
        return Finding("site_closed", f"site {head.to_site} is closed; open it first", "", {"site": head.to_site})
    return finding


Change = Callable[[_Held, TransferLineFacts], TransferLineFacts | Finding]


def _lessen(
    wishes: Sequence[tuple[UUID, Change]], verb: str, told: Callable[[TransferLineFacts, TransferLineFacts], Any],
    actor: str, at: datetime,
) -> tuple[Outcome[UUID], list[tuple[TransferLineFacts, TransferLineFacts]], _Held]:  # fmt: skip
    """Lessen lines and what their destination expects of them; never below what is promised."""
    held = _hold([line_id for line_id, _ in wishes])
    changes: dict[UUID, tuple[TransferLineFacts, TransferLineFacts]] = {}
    refused: list[Refusal] = []
    for index, (line_id, change) in enumerate(wishes):
        line = held.line(line_id)
        if line_id in changes:
            line = Finding("line_repeated", "this line is named twice in the batch; name it once", "/line_id")
        new = line if isinstance(line, Finding) else change(held, line)
        if not isinstance(new, Finding) and new.open < new.promised:
            new = Finding(
                "supply_promised",
                f"{rules.plain(new.promised)} {new.unit} of {new.sku} are promised; {rules.plain(new.open)} would be"
                " left; release promises first",
                "/quantity",
                {"drawn": rules.plain(new.promised), "quantity": rules.plain(new.open)},
            )
        if isinstance(new, Finding):
            refused.append(Refusal(str(index), (new,)))
        else:
            changes[line_id] = (held.lines[line_id], new)
    for _, new in changes.values():
        held.put(new)
    supplies = [held.supply(new) for _, new in changes.values() if new.state != "draft"]
    if supplies:
        _certain(inventory.expect(supplies, actor=actor, at=at))
    held.write()
    journal.write(verb, [_entry(new, told(old, new)) for old, new in changes.values()], actor=actor, at=at)
    return Outcome(tuple(changes), tuple(refused)), list(changes.values()), held


def cancel_transfers(cancellations: Sequence[TransferCancellation], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Do not send lines, or part of them, that have not left: the origin has its stock back. Done: line ids, in input
    order. Never below what is promised of it at the destination (`orders.cut_transfers` frees promises first).

    Refusals (subject: the index): `line_unknown`, `line_repeated`, `transfer_has_left`, `more_than_open`,
    `supply_promised`, `quantity_not_positive`, `quantity_fractional`.
    """

    def give_up(wish: TransferCancellation) -> Change:
        def change(held: _Held, line: TransferLineFacts) -> TransferLineFacts | Finding:
            quantity = line.to_ship if wish.quantity is None else wish.quantity
            return rules.leave_finding(line, quantity) or replace(line, cancelled=line.cancelled + quantity)

        return change

    with transaction.atomic(savepoint=False):
        outcome, changes, held = _lessen(
            [(wish.line_id, give_up(wish)) for wish in cancellations],
            "supply.transfer_cancelled",
            lambda old, new: {"quantity": new.cancelled - old.cancelled},
            actor,
            at,
        )
        back: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
        for old, new in changes:
            if old.state == "placed":
                back[new.item_id, held.heads[new.transfer_id].from_site_id] += new.cancelled - old.cancelled
        if back:
            shelves = stock.on_hand_buckets(back)
            returns = [BucketDraw(shelves[key], quantity) for key, quantity in back.items()]
            _certain(inventory.give_back(returns, actor=actor, at=at))
    return outcome


def write_off_transfers(losses: Sequence[TransferLoss], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Write off what was lost on its way. Done: line ids, in input order. Never below what is promised of it
    (`orders.cut_transfers` frees promises first).

    Refusals (subject: the index): `line_unknown`, `line_repeated`, `transfer_not_shipped`, `over_receipt`,
    `supply_promised`, `quantity_not_positive`, `quantity_fractional`.
    """

    def lose(wish: TransferLoss) -> Change:
        def change(held: _Held, line: TransferLineFacts) -> TransferLineFacts | Finding:
            quantity = line.in_transit if wish.quantity is None else wish.quantity
            return rules.loss_finding(line, quantity) or replace(line, lost=line.lost + quantity)

        return change

    notes = {loss.line_id: loss.note for loss in losses}
    with transaction.atomic(savepoint=False):
        outcome, changes, held = _lessen(
            [(wish.line_id, lose(wish)) for wish in losses],
            "supply.transfer_lost",
            lambda old, new: {"quantity": new.lost - old.lost, "note": notes[new.id]},
            actor,
            at,
        )
        moves = [
            AsideMove(
                new.id, new.item_id, held.heads[new.transfer_id].to_site_id, new.lost - old.lost, "transit", "loss",
                "lost_in_transit", notes[new.id],
            )
            for old, new in changes
        ]  # fmt: skip
        if moves:
            _certain(inventory.move_aside(moves, actor=actor, at=at))
    return outcome
