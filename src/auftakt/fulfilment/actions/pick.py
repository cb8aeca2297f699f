"""Picking: what was taken from the shelf, and what becomes of what was not there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.actions.locking import close_waves, lock_releases, move, state_refusal
from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.rules import carried, kept, pick_finding
from auftakt.fulfilment.types import SHORT_REASONS, Picked, Taken
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import Adjustment, LotHoldDraft, LotQuantity
from auftakt.orders import actions as orders
from auftakt.orders.types import Split
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns
from auftakt.values import Finding, Outcome, Refusal


@dataclass(slots=True)
class _Line:
    """A release line as it was picked: `kept` of `quantity` (in the order line's unit) goes on."""

    id: UUID
    fulfilment_line_id: UUID
    quantity: Decimal
    step: Decimal
    taken: list[Taken] = field(default_factory=list[Taken])
    kept: Decimal = Decimal(0)


@dataclass(slots=True)
class _Work:
    """A release in the course of being picked."""

    release: Any
    lines: dict[UUID, _Line] = field(default_factory=dict[UUID, _Line])
    findings: list[Finding] = field(default_factory=list[Finding])
    tracked: list[tuple[Any, Picked]] = field(default_factory=list[tuple[Any, Picked]])

    @property
    def missing(self) -> list[Taken]:
        return [taken for line in self.lines.values() for taken in line.taken if taken.missing]


def pick(picks: Sequence[Picked], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Book what was taken from the shelf; a release is picked as a whole, so all its picks are told at once.

    Where less was there than asked, the books are corrected by what is missing, for its reason, what can still go
    goes (whole units of the line, whole kits), and the rest becomes a fulfilment line of its own, promised again at
    once where there is supply. A line of which nothing was found goes back whole; a release of which nothing is left
    is cancelled.

    Done: the releases. Refused, by release: `not_to_pick`, `picks_missing`, `picked_too_much`, `quantity_negative`,
    `quantity_fractional`, `reason_unknown`, `site_closed` (stock there cannot be corrected); by pick: `unknown_pick`,
    `named_twice`.
    """
    with transaction.atomic():
        home: dict[UUID, UUID] = dict(sql.rows("find_picks", ids=sorted({each.pick_id for each in picks})))
        told: dict[UUID, Picked] = {}
        refused: list[Refusal] = []
        for each in picks:
            if each.pick_id not in home:
                refused.append(Refusal.because(each.pick_id, "unknown_pick", f"There is no pick {each.pick_id}."))
            elif each.pick_id in told:
                text = "The pick is named more than once in this call: the first quantity counts."
                refused.append(Refusal.because(each.pick_id, "named_twice", text))
            else:
                told[each.pick_id] = each
        releases = list(dict.fromkeys(home[key] for key in told))
        places = {key: index for index, key in enumerate(told)}
        done, barred = _pick(releases, lambda row: told.get(row.id), actor=actor, at=at, places=places)
    return Outcome(tuple(done), (*refused, *barred))


def pick_whole(release_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Book releases of which everything was there. Done: the releases. Refused: `not_to_pick`, `unknown_release`."""
    with transaction.atomic():
        chosen = list(dict.fromkeys(release_ids))
        done, refused = _pick(chosen, lambda row: Picked(row.id, row.asked), actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def pick_scanned(release_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Book releases as they were scanned, as `pick` does: each pick is scanned in full, or its rest was marked short.

    Done: the releases. Refused: `picks_missing` where something is neither, and what `pick` refuses.
    """

    def scanned(row: Any) -> Picked | None:
        found = row.scanned == row.asked or row.short_reason
        return Picked(row.id, row.scanned, row.short_reason) if found else None

    with transaction.atomic():
        done, refused = _pick(list(dict.fromkeys(release_ids)), scanned, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


Tells = Callable[[Any], Picked | None]
"""What was taken of a pick, as read; None: nobody said."""


def _pick(
    release_ids: Sequence[UUID], tells: Tells, *, actor: str, at: datetime, places: Mapping[UUID, int] | None = None
) -> tuple[list[UUID], list[Refusal]]:
    locked = lock_releases(release_ids)
    refused = [refusal for key in release_ids if (refusal := state_refusal(key, locked.get(key), "pick"))]
    barred = {refusal.subject for refusal in refused}
    works = {key: _Work(locked[key]) for key in release_ids if str(key) not in barred}
    if works:
        _read(works, tells, places or {})
    refused += [Refusal(str(key), tuple(work.findings)) for key, work in works.items() if work.findings]
    good = [work for work in works.values() if not work.findings]
    if any(work.tracked for work in good):
        good, more = _hold_lots(good, actor=actor, at=at)
        refused += more
    if good:
        _give_up(good, actor=actor, at=at)
        _store(good, actor=actor, at=at)
    return [work.release.id for work in good], refused


def _hold_lots(works: Sequence[_Work], *, actor: str, at: datetime) -> tuple[list[_Work], list[Refusal]]:
    """Take the lots of what was picked in hand: those told or scanned, else the first to expire that keep long enough.
    A release of which a lot cannot go is not picked."""
    good = list(works)
    refused: list[Refusal] = []
    while True:
        held = stock.held_lots([row.id for work in good for row, _ in work.tracked])
        drafts: list[tuple[_Work, LotHoldDraft]] = []
        for work in good:
            for row, told in work.tracked:
                left = told.picked - sum((quantity for _, quantity in held.get(row.id, ())), Decimal(0))
                if left > 0:
                    drafts.append((work, _hold(work, row, left, told.lots, at)))
        point = transaction.savepoint()
        outcome = inventory.hold_lots([draft for _, draft in drafts], actor=actor, at=at)
        if not outcome.refused:
            transaction.savepoint_commit(point)
            return good, refused
        transaction.savepoint_rollback(point)
        barred: dict[UUID, list[Finding]] = {}
        for each in outcome.refused:
            barred.setdefault(drafts[int(each.subject)][0].release.id, []).extend(each.findings)
        refused += [Refusal(str(key), tuple(findings)) for key, findings in barred.items()]
        good = [work for work in good if work.release.id not in barred]


def _hold(work: _Work, row: Any, quantity: Decimal, lots: tuple[LotQuantity, ...], at: datetime) -> LotHoldDraft:
    ship_on = max(work.release.ship_on, at.date())
    return LotHoldDraft(
        row.id, row.item_id, row.sku, work.release.site_id, quantity, ship_on, row.min_remaining_days, lots
    )


def _read(works: Mapping[UUID, _Work], tells: Tells, places: Mapping[UUID, int]) -> None:
    """What was taken for each line, and what keeps a release from being picked as told."""
    for row in sql.records("read_asked", releases=list(works)):
        work = works[row.release_id]
        line = work.lines.get(row.release_line_id)
        if line is None:
            step = Decimal(1).scaleb(-row.line_decimals)
            line = _Line(row.release_line_id, row.fulfilment_line_id, row.line_quantity, step)
            work.lines[line.id] = line
        told = tells(row)
        if told is None:
            text = f"Say how much was picked of {row.sku}, 0 if there was none: a release is picked as a whole."
            work.findings.append(Finding("picks_missing", text, "", {"item": row.sku, "pick": str(row.id)}))
            continue
        taken = Taken(row.id, row.item_id, row.sku, row.asked, told.picked, told.reason or "not_found")
        finding = pick_finding(taken, row.decimals, row.unit, f"/{places.get(row.id, 0)}")
        if finding:
            work.findings.append(finding)
        line.taken.append(taken)
        if row.tracking != "none":
            work.tracked.append((row, told))
        elif told.lots:
            text = f"{row.sku} bears no lot numbers: leave them out."
            work.findings.append(Finding("lots_unexpected", text, "", {"sku": row.sku}))
    for work in works.values():
        if not work.findings:
            _weigh(work)


def _weigh(work: _Work) -> None:
    """What of each line goes on. Stock that is missing can only be taken off the books of a site that is open."""
    for line in work.lines.values():
        line.kept = kept(line.quantity, line.step, line.taken)
    if work.missing and not work.release.is_open:
        site = work.release.site
        text = f"Site {site} is closed, so its stock cannot be corrected: open it, or recall the release."
        work.findings.append(Finding("site_closed", text, "", {"site": site}))


def _give_up(works: Sequence[_Work], *, actor: str, at: datetime) -> None:
    """What was not there: lines are split and let go of their supply, the books fall, the rests are promised again."""
    short = [line for work in works for line in work.lines.values() if line.kept < line.quantity]
    if not short:
        return
    parted = orders.split_line([Split(line.fulfilment_line_id, line.kept) for line in short], actor=actor, at=at)
    if parted.refused:
        raise RuntimeError(f"a line on a release cannot be split: {parted.refused[0].message}")
    losses = [
        Adjustment(
            work.release.site_id,
            taken.item_id,
            -taken.missing,
            SHORT_REASONS[taken.reason],
            note=work.release.number,
            choose_lots=True,
        )
        for work in works
        for taken in work.missing
    ]
    corrected = inventory.adjust(losses, actor=actor, at=at)
    if corrected.refused:
        raise RuntimeError(f"stock held for a release cannot be corrected: {corrected.refused[0].message}")
    orders.repromise(parted.done, actor=actor, at=at)


def _store(works: Sequence[_Work], *, actor: str, at: datetime) -> None:
    lines = [line for work in works for line in work.lines.values()]
    booked = [(taken.pick_id, carried(taken.asked, line.kept, line.quantity)) for line in lines for taken in line.taken]
    ids, quantities = columns(booked, 2)
    sql.run("book_picks", ids=ids, quantities=quantities)
    smaller = [(line.id, line.kept) for line in lines if 0 < line.kept < line.quantity]
    if smaller:
        ids, quantities = columns(smaller, 2)
        sql.run("shrink_release_lines", ids=ids, quantities=quantities)
    gone = [line.id for line in lines if line.kept == 0]
    if gone:
        sql.run("cancel_release_lines", ids=gone)
    picked = [work for work in works if any(line.kept for line in work.lines.values())]
    empty = [work for work in works if not any(line.kept for line in work.lines.values())]
    move([work.release.id for work in picked], "pick", at=at)
    move([work.release.id for work in empty], "recall", at=at)
    journal.write("fulfilment.picked", _told(picked), actor=actor, at=at)
    journal.write("fulfilment.recalled", _told(empty), actor=actor, at=at)
    close_waves([work.release for work in works], [work.release.id for work in empty], actor=actor, at=at)


def _told(works: Iterable[_Work]) -> list[Entry]:
    entries: list[Entry] = []
    for work in works:
        change: dict[str, Any] = {"order_id": work.release.order_id, "number": work.release.number}
        if work.missing:
            change["short"] = [
                {"item": taken.sku, "asked": taken.asked, "picked": taken.picked, "reason": taken.reason}
                for taken in work.missing
            ]
        entries.append(Entry("release", work.release.id, change))
    return entries
