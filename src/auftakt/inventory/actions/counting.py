"""Counting: lists of what is to be counted, what was counted, and the approval of differences beyond tolerance."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import queries, rules
from auftakt.inventory.actions.lots import lot_shelf
from auftakt.inventory.actions.moves import Book, adjust, open_book
from auftakt.inventory.rules import LotShelf
from auftakt.inventory.types import (
    COUNT_NUMBERS,
    Adjustment,
    CountDecision,
    CountEntry,
    CountLineFacts,
    CountPlan,
    CountTolerance,
    LotQuantity,
    Movement,
)
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import numbers
from auftakt.platform.sql import Statements, columns, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")
_LIST = ("id", "serial", "number", "site_id", "due_on", "chosen_by", "note", "created_at", "created_by")
_LINE = (
    "id", "list_id", "site_id", "item_id", "state", "counted_by", "decided_by", "reason", "note",
)  # fmt: skip


def save_count_tolerances(tolerances: Sequence[CountTolerance], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Say how far counts of sites may differ and are still booked by themselves. Done: the sites.

    Refusals (subject: the index): `site_unknown`, `tolerance_negative`.
    """
    with transaction.atomic(savepoint=False):
        book = open_book([], [each.site for each in tolerances])
        good: dict[UUID, CountTolerance] = {}
        refused: list[Refusal] = []
        for index, each in enumerate(tolerances):
            book.findings = []
            site = book.site(each.site)
            if not all(rules.is_sized(number) and number >= 0 for number in (each.percent, each.value)) or (
                each.percent > 10_000
            ):
                book.say("tolerance_negative", "a tolerance is zero or more, and up to 10000 percent", "/percent")
            if book.findings or site.site_id is None:
                refused.append(Refusal(str(index), tuple(book.findings)))
            else:
                good[site.site_id] = each
        if good:
            saved = {
                site
                for (site,) in sql.rows(
                    "save_tolerances", sites=list(good), percents=[each.percent for each in good.values()],
                    values=[each.value for each in good.values()],
                )
            }  # fmt: skip
            entries = [
                Entry("site", site, {"percent": good[site].percent, "value": good[site].value})
                for site in sorted(saved)
            ]
            journal.write("inventory.tolerance_saved", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def plan_counts(plans: Sequence[CountPlan], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Draw up lists of items to be counted. What stands on an open list already is left out. Done: the lists.

    Refusals (subject: the index): `site_unknown`, `site_closed`, `nothing_to_count`, `count_choice_unknown`,
    `count_class_unknown`, `count_too_long`.
    """
    done: list[UUID] = []
    refused: list[Refusal] = []
    with transaction.atomic(savepoint=False):
        book = open_book([], [plan.site for plan in plans])
        for index, plan in enumerate(plans):
            book.findings = rules.plan_findings(plan)
            site = book.site(plan.site)
            items: list[UUID] = []
            if not book.findings and site.site_id:
                items = _chosen(plan, site.site_id, at)
                if not items:
                    book.say("nothing_to_count", "nothing fits, or all of it stands on a list already", "")
            if book.findings or site.site_id is None:
                refused.append(Refusal(str(index), tuple(book.findings)))
            else:
                done.append(_list_of(site.site_id, items, plan, actor, at)[0])
    return Outcome(tuple(done), tuple(refused))


def _chosen(plan: CountPlan, site: UUID, at: datetime) -> list[UUID]:
    rows = sql.rows(
        "items_to_count", site=site, choose=plan.choose, skus=list(plan.items), first=plan.first, last=plan.last,
        abc=plan.abc, since=at - timedelta(days=365), seed=at.isoformat(), most=plan.most,
    )  # fmt: skip
    return [key for (key,) in rows]


def _list_of(
    site: UUID, items: Sequence[UUID], plan: CountPlan, actor: str, at: datetime
) -> tuple[UUID, dict[UUID, UUID]]:
    """A new list; and its lines by item."""
    (key,) = new_ids(1)
    ((serial, number),) = numbers(COUNT_NUMBERS, 1)
    row = (key, serial, number, site, plan.due_on, plan.choose, plan.note[:300], at, actor)
    insert_rows("inventory_countlist", _LIST, [row])
    lines = dict(zip(items, new_ids(len(items)), strict=True))
    rows = [(line, key, site, item, "open", "", "", "", "") for item, line in lines.items()]
    insert_rows("inventory_countline", _LINE, rows)
    change = {"number": number, "items": len(items), "due_on": plan.due_on, "chosen_by": plan.choose}
    journal.write("inventory.count_planned", [Entry("count_list", key, change)], actor=actor, at=at)
    return key, lines


@dataclass(slots=True)
class _Counted:
    """An entry that makes sense, and what it says against the books."""

    index: int
    entry: CountEntry
    move: Movement
    line_id: UUID | None
    books: Decimal = Decimal(0)
    state: str = "agreed"
    lots: tuple[tuple[LotQuantity, Decimal], ...] = ()  # and by how much it differs


def take_counts(entries: Sequence[CountEntry], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Note what was counted: within the tolerance of the site it is agreed, beyond it waits for somebody else. Nothing
    moves yet: `post_counts` books what is agreed (`orders.take_counts` does both). Done: the lines.

    Refusals (subject: the index): as for `count`, and `count_unknown`, `count_not_open`, `count_waiting` while another
    count of the item waits for approval, `count_repeated`.
    """
    with transaction.atomic(savepoint=False):
        told = [entry.line_id for entry in entries if entry.line_id]
        sql.rows("lock_count_lines", ids=id_list(told))
        lines = queries.count_lines(told) if told else {}
        book = open_book([each.item for each in entries], [each.site for each in entries])
        good, refused = _read(book, entries, lines)
        good, more = _against_books(good, at)
        refused += more
        _store(good, actor, at)
    done = tuple(each.line_id for each in good if each.line_id)
    return Outcome(done, tuple(sorted(refused, key=lambda each: int(each.subject))))


def _read(
    book: Book, entries: Sequence[CountEntry], lines: dict[UUID, CountLineFacts]
) -> tuple[list[_Counted], list[Refusal]]:
    good: list[_Counted] = []
    refused: list[Refusal] = []
    seen: set[tuple[UUID, UUID | None]] = set()
    for index, entry in enumerate(entries):
        book.findings = []
        item, site = book.item(entry.item), book.site(entry.site)
        base = book.quantity(item, entry.counted, "", "/counted")
        if entry.counted.is_finite() and entry.counted < 0:
            book.say("quantity_negative", "what was counted cannot be below zero", "/counted")
        line = lines.get(entry.line_id) if entry.line_id else None
        if entry.line_id and (line is None or item is None or line.item_id != item.id or line.site_id != site.site_id):
            book.say("count_unknown", f"there is no count {entry.line_id} of this item here", "/line_id")
        elif line and line.state != "open":
            book.say("count_not_open", f"{line.sku} is counted already: it is {line.state}", "", sku=line.sku)
        if item and (item.id, site.site_id) in seen:
            book.say("count_repeated", f"{item.sku} is counted twice in this batch", "/item", sku=item.sku)
        if item is None or book.findings:
            refused.append(Refusal(str(index), tuple(book.findings)))
            continue
        seen.add((item.id, site.site_id))
        move = Movement(
            index, item.id, item.sku, book.virtual["loss"], site, Decimal(0), "count", counted=base, books=entry.books,
            tracking=item.tracking, shelf_life_days=item.shelf_life_days, lots=entry.lots,
        )  # fmt: skip
        good.append(_Counted(index, entry, move, entry.line_id))
    return good, refused


def _against_books(counts: Sequence[_Counted], at: datetime) -> tuple[list[_Counted], list[Refusal]]:
    """What counts say against the books, which stay locked: agreed, or to wait."""
    pairs = sorted({(each.move.item_id, each.move.put_to.site_id) for each in counts if each.move.put_to.site_id})
    items, sites = columns(pairs, 2)
    held = {(row[1], row[2]): row[3] for row in sql.rows("lock_on_hand", items=items, sites=sites)}
    waiting = {(item, site): line for site, item, line in sql.rows("waiting_at", sites=sites, items=items)}
    tolerances = {site: (percent, value) for site, percent, value in sql.rows("tolerances")}
    shelf = lot_shelf([each.move for each in counts], at)
    good: list[_Counted] = []
    refused: list[Refusal] = []
    for each in counts:
        key = (each.move.item_id, each.move.put_to.site_id)
        each.books = held.get(key, Decimal(0))
        findings = list(rules.count_findings(each.move, each.books))
        if waiting.get(key):
            message = f"another count of {each.move.sku} waits for approval: decide on it first"
            findings.append(Finding("count_waiting", message, "", {"sku": each.move.sku}))
        if findings:
            refused.append(Refusal(str(each.index), tuple(findings)))
            continue
        each.lots = _lots(each.move, shelf)
        difference = (each.move.counted or Decimal(0)) - each.books
        widest = max([abs(difference), *(abs(change) for _, change in each.lots)])
        tolerance = tolerances.get(each.move.put_to.site_id)
        if not rules.within_tolerance(each.books, widest, each.entry.unit_value, tolerance):
            each.state = "waiting"
        good.append(each)
    return good, refused


def _lots(move: Movement, shelf: LotShelf | None) -> tuple[tuple[LotQuantity, Decimal], ...]:
    if shelf is None or move.tracking == "none" or not (move.lots or move.counted == 0):
        return ()
    more, less = shelf.compare(move)
    return (*((lot, lot.quantity) for lot in more), *((lot, -lot.quantity) for lot in less))


def _store(counts: Sequence[_Counted], actor: str, at: datetime) -> None:
    if not counts:
        return
    loose: dict[UUID, list[_Counted]] = defaultdict(list)
    for each in counts:
        if each.line_id is None and each.move.put_to.site_id:
            loose[each.move.put_to.site_id].append(each)
    for site, found in loose.items():  # a list for each site counted without one
        plan = CountPlan(site, at.date(), "items", note=found[0].entry.note)
        _, lines = _list_of(site, [each.move.item_id for each in found], plan, actor, at)
        for each in found:
            each.line_id = lines[each.move.item_id]
    sql.run(
        "enter_counts", ids=[each.line_id for each in counts], states=[each.state for each in counts],
        books=[each.books for each in counts], counted=[each.move.counted for each in counts],
        unit_values=[each.entry.unit_value for each in counts], notes=[each.entry.note[:300] for each in counts],
        actor=actor, at=at,
    )  # fmt: skip
    tracked = [each for each in counts if each.move.tracking != "none"]
    if tracked:
        sql.run("clear_count_lots", lines=[each.line_id for each in tracked])
        rows = [
            (each.line_id, lot.number.strip(), lot.expires_on, change) for each in tracked for lot, change in each.lots
        ]
        insert_rows(
            "inventory_countlot", ("id", "line_id", "number", "expires_on", "difference"),
            [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)],
        )  # fmt: skip
    entries = [
        Entry(
            "count_line", each.line_id,
            {"sku": each.move.sku, "site": each.move.put_to.code, "books": each.books, "counted": each.move.counted,
             "state": each.state},
        )
        for each in counts
        if each.line_id
    ]  # fmt: skip
    journal.write("inventory.counted", entries, actor=actor, at=at)


def decide_counts(decisions: Sequence[CountDecision], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Decide on differences beyond tolerance: approved ones can be booked (`orders.decide_counts` does), the others are
    counted again or dropped. Done: the lines.

    Refusals (subject: the index): `count_unknown`, `decision_unknown`, `count_not_waiting`, `count_is_own`,
    `reason_missing`.
    """
    with transaction.atomic(savepoint=False):
        ids = id_list([each.line_id for each in decisions])
        sql.rows("lock_count_lines", ids=ids)
        lines = queries.count_lines(ids)
        good: dict[UUID, CountDecision] = {}
        refused: list[Refusal] = []
        for index, each in enumerate(decisions):
            finding = rules.decision_finding(lines.get(each.line_id), each, actor)
            if each.line_id in good:
                finding = Finding("count_repeated", "this count is decided twice in the batch", "/line_id")
            if finding:
                refused.append(Refusal(str(index), (finding,)))
            else:
                good[each.line_id] = each
        if good:
            sql.run(
                "decide_counts", ids=list(good), states=[rules.DECISIONS[each.decision] for each in good.values()],
                reasons=[each.reason.strip()[:300] for each in good.values()], actor=actor, at=at,
            )  # fmt: skip
            entries = [
                Entry(
                    "count_line", key, {"sku": lines[key].sku, "decision": each.decision, "reason": each.reason.strip()}
                )
                for key, each in good.items()
            ]
            journal.write("inventory.count_decided", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def post_counts(line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Book the differences of agreed counts, from or to the loss location. What stock was moved since the counting
    stays moved: the difference is booked, not the figure. Done: the lines.

    Refusals (subject: the line), as for `adjust`: such a count waits for approval again.
    """
    with transaction.atomic():
        sql.rows("lock_count_lines", ids=id_list(list(line_ids)))
        lines = [each for each in queries.count_lines(line_ids).values() if each.state == "agreed"]
        lots: dict[UUID, list[tuple[LotQuantity, Decimal]]] = defaultdict(list)
        for key, number, change, expires in sql.rows("lots_of_counts", lines=[each.id for each in lines]):
            lots[key].append((LotQuantity(number, abs(change), expires), change))
        barred: dict[UUID, tuple[Finding, ...]] = {}
        while True:
            good = [each for each in lines if each.id not in barred]
            wishes = [(each.id, wish) for each in good for wish in _adjustments(each, lots[each.id])]
            point = transaction.savepoint()
            refused = adjust([wish for _, wish in wishes], actor=actor, at=at).refused if wishes else ()
            if not refused:
                transaction.savepoint_commit(point)
                break
            transaction.savepoint_rollback(point)
            barred |= {wishes[int(each.subject)][0]: each.findings for each in refused}
        states = ["waiting" if each.id in barred else "posted" for each in lines]
        sql.run("set_count_states", ids=[each.id for each in lines], states=states)
        entries = [
            Entry("count_line", each.id, {"sku": each.sku, "site": each.site_code, "difference": each.difference})
            for each in good
        ]
        journal.write("inventory.count_posted", entries, actor=actor, at=at)
    return Outcome(
        tuple(each.id for each in good), tuple(Refusal(str(key), findings) for key, findings in barred.items())
    )


def _adjustments(line: CountLineFacts, lots: Sequence[tuple[LotQuantity, Decimal]]) -> list[Adjustment]:
    """The corrections that a count is, gains in front of losses."""
    note = f"{line.list_number} {line.note}".strip()
    if not lots:
        difference = line.difference
        return [Adjustment(line.site_id, line.item_id, difference, "count", note=note)] if difference else []
    ways = ([lot for lot, change in lots if change > 0], [lot for lot, change in lots if change < 0])
    return [
        Adjustment(
            line.site_id, line.item_id, sign * sum((lot.quantity for lot in way), Decimal(0)), "count", note=note,
            lots=tuple(way),
        )
        for sign, way in zip((1, -1), ways, strict=True)
        if way
    ]  # fmt: skip
