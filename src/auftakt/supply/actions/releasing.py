"""Work orders are set to work: components are reserved, resources loaded, and what they bring can be promised."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import BillLineFacts
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import BucketDraw
from auftakt.platform import journal
from auftakt.platform.sql import insert_rows
from auftakt.supply import queries, rules
from auftakt.supply.actions.loading import Need, Rooms
from auftakt.supply.actions.making import write_loads
from auftakt.supply.actions.working import HeldWork, barred, certain, entry, hold, moved
from auftakt.supply.types import WorkFacts
from auftakt.values import Finding, Outcome, Refusal, new_ids

_COMPONENT = (
    "id", "work_order_id", "position", "item_id", "per", "scrap_percent", "required", "reserved", "issued",
)  # fmt: skip
_OPERATION = ("id", "work_order_id", "sequence", "name", "resource_id", "amount")
Pair = tuple[UUID, UUID]
"""Item and site."""


@dataclass(slots=True)
class _Releasing:
    """A work order about to be released, and what it needs."""

    index: int
    head: WorkFacts
    parts: tuple[BillLineFacts, ...] = ()
    loads: list[tuple[int, UUID, date, Decimal]] = field(default_factory=list)
    operations: list[tuple[int, str, UUID, Decimal]] = field(default_factory=list)

    def required(self, part: BillLineFacts) -> Decimal:
        """What the whole order needs of a component."""
        return catalog.needed(self.head.quantity, part.quantity, part.scrap_percent, part.decimals)

    def needs(self) -> dict[Pair, Decimal]:
        """What it needs by item and site."""
        wanted: dict[Pair, Decimal] = defaultdict(Decimal)
        for part in self.parts:
            wanted[part.component_id, self.head.site_id] += self.required(part)
        return dict(wanted)


def release_work(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Set planned work orders to work, one after the other: all components of the bill of material that holds on the
    day of the start are reserved from the stock of the site, operations load their resources from that day on, and what
    they will bring can be promised. Done: ids, in input order. Each whole or not at all.

    Refusals (subject: the index): `work_unknown`, `work_repeated`, `work_state`, `site_closed`, `bill_missing`,
    `components_short` for each component that is, with what is wanted and free, `no_capacity`.
    """
    with transaction.atomic(savepoint=False):
        held = hold(ids)
        releasing, refused = _read(held, ids)
        _find_parts(releasing, refused)
        _find_room(releasing, refused)
        barred_now = {int(refusal.subject) for refusal in refused}
        _reserve([each for each in releasing if each.index not in barred_now], refused, actor, at)
        barred_now = {int(refusal.subject) for refusal in refused}
        good = [each for each in releasing if each.index not in barred_now]
        _write(held, good, actor, at)
    return Outcome(
        tuple(each.head.id for each in good), tuple(sorted(refused, key=lambda refusal: int(refusal.subject)))
    )


def _read(held: HeldWork, ids: Sequence[UUID]) -> tuple[list[_Releasing], list[Refusal]]:
    found: list[_Releasing] = []
    refused: list[Refusal] = []
    seen: set[UUID] = set()
    for index, key in enumerate(ids):
        head = held.head(key)
        if key in seen:
            head = Finding("work_repeated", "this work order is named twice in the batch; name it once")
        seen.add(key)
        if isinstance(head, Finding):
            refused.append(Refusal(str(index), (head,)))
            continue
        finding = barred(head, "release", "it is released already or has ended")
        if finding is None and not head.site_is_open:
            message = f"site {head.site_code} is closed; open it first"
            finding = Finding("site_closed", message, "", {"site": head.site_code})
        if finding:
            refused.append(Refusal(str(index), (finding,)))
        else:
            found.append(_Releasing(index, head))
    return found, refused


def _find_parts(releasing: Sequence[_Releasing], refused: list[Refusal]) -> None:
    """The lines of the bill that holds for each, that of its plant before that for everywhere."""
    bills = catalog.bills({each.head.item_id for each in releasing}) if releasing else {}
    for each in releasing:
        known = {bill.plant: bill for bill in bills.get(each.head.item_id, ())}
        bill = known.get(each.head.site_code) or known.get("")
        each.parts = bill.on(each.head.starts_on) if bill else ()
        if not each.parts:
            message = (
                f"{each.head.sku} has no bill of material that holds at {each.head.site_code} on {each.head.starts_on}"
            )
            facts = {"sku": each.head.sku, "site": each.head.site_code}
            refused.append(Refusal(str(each.index), (Finding("bill_missing", message, "", facts),)))


def _find_room(releasing: Sequence[_Releasing], refused: list[Refusal]) -> None:
    """Load resources, in input order."""
    routings = queries.routings({each.head.item_id for each in releasing}) if releasing else {}
    routed = [
        (each, routings[each.head.item_id, each.head.site_id])
        for each in releasing
        if each.parts and (each.head.item_id, each.head.site_id) in routings
    ]
    if not any(routing.operations for _, routing in routed):
        return
    starts = [each.head.starts_on for each, _ in routed]
    resources = [operation.resource_id for _, routing in routed for operation in routing.operations]
    rooms = Rooms(resources, min(starts), max(starts))
    for each, routing in routed:
        amounts = [(step, rules.operation_amount(step, each.head.quantity)) for step in routing.operations]
        needs: list[Need] = [(step.sequence, step.resource_id, amount) for step, amount in amounts]
        taken = rooms.take(needs, each.head.starts_on)
        if isinstance(taken, Finding):
            refused.append(Refusal(str(each.index), (taken,)))
            continue
        each.loads = taken
        each.operations = [(step.sequence, step.name, step.resource_id, amount) for step, amount in amounts]


def _reserve(wanted: Sequence[_Releasing], refused: list[Refusal], actor: str, at: datetime) -> None:
    """Draw all that orders need from the stock of their sites, in input order, each whole or not at all."""
    needs = {each.index: each.needs() for each in wanted}
    shelves = stock.on_hand_buckets({pair for each in needs.values() for pair in each}) if needs else {}
    free_now = stock.free_of(sorted(shelves.values())) if shelves else {}
    free = {pair: free_now[bucket] for pair, bucket in shelves.items()}
    short = rules.shortages([(each.head.id, needs[each.index]) for each in wanted], free)
    for each in wanted:
        if each.head.id in short:
            refused.append(Refusal(str(each.index), _short_findings(each, short[each.head.id])))
    able = [each for each in wanted if each.head.id not in short]
    draws = [(each, pair, much) for each in able for pair, much in needs[each.index].items()]
    asked = [BucketDraw(shelves[pair], much) for _, pair, much in draws]
    gone = inventory.draw(asked, actor=actor, at=at).refused if asked else ()
    if not gone:
        return
    lost = {draws[int(refusal.subject)][0].index for refusal in gone}  # somebody was faster since we looked
    missed = {int(refusal.subject) for refusal in gone}
    back = [asked[place] for place, (each, _, _) in enumerate(draws) if each.index in lost and place not in missed]
    if back:
        certain(inventory.give_back(back, actor=actor, at=at))
    for each in able:
        if each.index in lost:
            taken = {draws[place][1]: Decimal(0) for place in missed if draws[place][0] is each}
            refused.append(Refusal(str(each.index), _short_findings(each, taken), transient=True))


def _short_findings(each: _Releasing, lacking: dict[Pair, Decimal]) -> tuple[Finding, ...]:
    """One finding for each component that is short."""
    needs = each.needs()
    found: list[Finding] = []
    for part in each.parts:
        pair = (part.component_id, each.head.site_id)
        if pair not in lacking:
            continue
        there, much = rules.plain(lacking[pair]), rules.plain(needs[pair])
        message = (
            f"{part.sku} at {each.head.site_code}: {much} {part.unit} wanted, {there} free; order or transfer it first"
        )
        facts = {"sku": part.sku, "site": each.head.site_code, "wanted": much, "available": there}
        found.append(Finding("components_short", message, "", facts))
    return tuple(found)


def _write(held: HeldWork, good: Sequence[_Releasing], actor: str, at: datetime) -> None:
    parts: list[tuple[object, ...]] = []
    operations: list[tuple[object, ...]] = []
    loads: list[tuple[object, ...]] = []
    for each in good:
        for position, part in enumerate(each.parts, 1):
            much = each.required(part)
            parts.append(
                (each.head.id, position, part.component_id, part.quantity, part.scrap_percent, much, much, Decimal(0))
            )
        keys = dict(zip((step[0] for step in each.operations), new_ids(len(each.operations)), strict=True))
        operations += [(keys[step[0]], each.head.id, *step) for step in each.operations]
        loads += [(keys[sequence], resource, day, amount) for sequence, resource, day, amount in each.loads]
        held.put(moved(each.head, "release"))
    rows = [(key, *part) for key, part in zip(new_ids(len(parts)), parts, strict=True)]
    insert_rows("supply_workordercomponent", _COMPONENT, rows)
    insert_rows("supply_workorderoperation", _OPERATION, operations)
    write_loads(loads)
    held.write(actor, at)
    entries = [
        entry(each.head, {"quantity": each.head.quantity, "due_on": each.head.due_on, "components": len(each.parts)})
        for each in good
    ]
    journal.write("work.released", entries, actor=actor, at=at)
