"""Scanning: pieces are taken in hand one code at a time; the release is booked when all of them are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.actions.locking import lock_releases, state_refusal
from auftakt.fulfilment.queries import codes, sql, steps_of
from auftakt.fulfilment.rules import take_scan
from auftakt.fulfilment.types import SHORT_REASONS, Coded, ScanDraft, Scanned, Shortage, WalkStep
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import LotHoldDraft, LotQuantity
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

_SCAN = ("id", "pick_id", "quantity", "code", "at", "actor", "undoes_id")


def scan(scans: Sequence[ScanDraft], *, actor: str, at: datetime) -> Outcome[Scanned]:
    """Take pieces in hand, one after the other: an item's code counts up the pick aimed at, or the first that wants it.

    A bin's or a release's code confirms the place and books nothing. A scan told before is done already. Done: what
    each scan did, in input order. Refused, by scan: `wrong_item`, `not_on_list`, `scanned_too_much`, `wrong_bin`,
    `wrong_tote`, `code_unknown`, `code_out_of_place`, `code_missing`, `unknown_pick`, `walk_unknown`, `not_to_pick`,
    `quantity_not_positive`, `quantity_fractional`.
    """
    releases = [each.release_id for each in scans if each.release_id]
    waves = [each.wave_id for each in scans if each.wave_id]
    with transaction.atomic():
        walked = [key for (key,) in sql.rows("lock_walked", releases=releases, waves=waves)]
        sql.rows("lock_picks", releases=walked)
        steps = {step.pick_id: step for step in steps_of(release_ids=walked)}
        before = {row.id: row for row in sql.records("read_scans", ids=[each.id for each in scans])}
        meanings = codes([each.code for each in scans])
        done: list[Scanned] = []
        booked: list[tuple[ScanDraft, Scanned]] = []
        refused: list[Refusal] = []
        for each in scans:
            known = _told_before(each, before, booked, steps)
            taken = known or take_scan(each, meanings.get(each.code, ()), _walk(each, steps))
            if isinstance(taken, Finding):
                refused.append(Refusal(str(each.id), (taken,)))
                continue
            if known is None and taken.kind == "piece" and taken.step.tracking != "none":
                barred = _hold_lot(each, taken, meanings.get(each.code, ()), actor, at)
                if barred:
                    refused.append(Refusal(str(each.id), barred))
                    continue
            done.append(taken)
            if known is None and taken.kind == "piece":
                steps[taken.step.pick_id] = taken.step
                booked.append((each, taken))
        _store(booked, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _walk(scan: ScanDraft, steps: dict[UUID, WalkStep]) -> list[WalkStep]:
    return [
        step
        for step in steps.values()
        if (scan.release_id and step.release_id == scan.release_id) or (scan.wave_id and step.wave_id == scan.wave_id)
    ]


def _told_before(
    scan: ScanDraft, before: dict[UUID, Any], booked: Sequence[tuple[ScanDraft, Scanned]], steps: dict[UUID, WalkStep]
) -> Scanned | None:
    twin = next((taken for told, taken in booked if told.id == scan.id), None)
    if twin:
        return twin
    row = before.get(scan.id)
    if row is None:
        return None
    step = steps.get(row.pick_id) or next(iter(steps_of(release_ids=[row.release_id])))
    return Scanned(scan.id, "piece", step, row.quantity)


def _store(booked: Sequence[tuple[ScanDraft, Scanned]], *, actor: str, at: datetime) -> None:
    if not booked:
        return
    rows = [
        (told.id, taken.step.pick_id, taken.quantity, told.code.strip()[:120], at, actor, None)
        for told, taken in booked
    ]
    insert_rows("fulfilment_scan", _SCAN, rows)
    _count([(taken.step.pick_id, taken.quantity) for _, taken in booked])
    entries = [
        Entry("release", taken.step.release_id, _change(taken.step, taken.quantity) | {"scan_id": told.id})
        for told, taken in booked
    ]
    journal.write("fulfilment.scanned", entries, actor=actor, at=at)


def _lot_of(code: str, item_id: UUID, meanings: Sequence[Coded]) -> str:
    """The lot or serial number that a code read for an item is; empty when it is the item's own."""
    known = {meaning.word for meaning in meanings if meaning.kind == "lot" and meaning.id == item_id}
    return next(iter(known), "")


def _hold_lot(
    scan: ScanDraft, taken: Scanned, meanings: Sequence[Coded], actor: str, at: datetime
) -> tuple[Finding, ...]:
    """Take a scanned lot in hand, or say why it cannot go. Scans come one at a time from the shelf."""
    step = taken.step
    number = _lot_of(scan.code, step.item_id, meanings)
    if not number:
        return ()
    draft = LotHoldDraft(
        step.pick_id, step.item_id, step.sku, step.site_id, taken.quantity, max(step.ship_on, at.date()),
        step.min_remaining_days, (LotQuantity(number, taken.quantity),),
    )  # fmt: skip
    return next((each.findings for each in inventory.hold_lots([draft], actor=actor, at=at).refused), ())


def _free_lots(undone: Sequence[tuple[Scanned, str]], actor: str, at: datetime) -> None:
    """The lots of scans taken back lie on the shelf again."""
    meanings = codes([code for _, code in undone])
    freed = [
        (taken.step.pick_id, number, -taken.quantity)
        for taken, code in undone
        if (number := _lot_of(code, taken.step.item_id, meanings.get(code, ())))
    ]
    if freed:
        inventory.put_lots_back(freed, actor=actor, at=at)


def _change(step: WalkStep, quantity: Decimal) -> dict[str, Any]:
    return {"number": step.release_number, "item": step.sku, "quantity": quantity}


def _count(changes: Sequence[tuple[UUID, Decimal]]) -> None:
    sums: dict[UUID, Decimal] = {}
    for pick_id, quantity in changes:
        sums[pick_id] = sums.get(pick_id, Decimal(0)) + quantity
    ids, quantities = columns(sums.items(), 2)
    sql.run("add_scanned", ids=ids, quantities=quantities)


def unscan(scan_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[Scanned]:
    """Take scans back: the pieces lie on the shelf again. Done: each scan with its pick as it stands now. Refused, by
    scan: `unknown_scan`, `scan_undone`, `not_to_pick`."""
    chosen = list(dict.fromkeys(scan_ids))
    with transaction.atomic():
        releases = {row.release_id for row in sql.records("read_scans", ids=chosen)}
        walked = [key for (key,) in sql.rows("lock_walked", releases=sorted(releases), waves=[])]
        sql.rows("lock_picks", releases=walked)
        steps = {step.pick_id: step for step in steps_of(release_ids=walked)}
        rows = {row.id: row for row in sql.records("read_scans", ids=chosen)}
        refused: list[Refusal] = []
        done: list[Scanned] = []
        for key in chosen:
            refusal = _not_undone(key, rows.get(key), steps)
            if refusal:
                refused.append(refusal)
                continue
            step = steps[rows[key].pick_id]
            steps[step.pick_id] = replace(step, scanned=step.scanned - rows[key].quantity)
            done.append(Scanned(key, "piece", steps[step.pick_id], -rows[key].quantity))
        if done:
            mirrors = [
                (key, taken.step.pick_id, taken.quantity, "", at, actor, taken.id)
                for key, taken in zip(new_ids(len(done)), done, strict=True)
            ]
            insert_rows("fulfilment_scan", _SCAN, mirrors)
            _count([(taken.step.pick_id, taken.quantity) for taken in done])
            _free_lots([(taken, rows[taken.id].code) for taken in done if taken.step.tracking != "none"], actor, at)
            entries = [
                Entry("release", taken.step.release_id, _change(taken.step, taken.quantity) | {"scan_id": taken.id})
                for taken in done
            ]
            journal.write("fulfilment.unscanned", entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _not_undone(key: UUID, row: Any, steps: dict[UUID, WalkStep]) -> Refusal | None:
    if row is None or row.undoes_id is not None:
        return Refusal.because(key, "unknown_scan", f"There is no scan {key}.")
    if row.undone_by is not None:
        return Refusal.because(key, "scan_undone", "The scan was taken back before.")
    step = steps.get(row.pick_id)
    if step is None or step.release_state != "released":
        return Refusal.because(key, "not_to_pick", "The release is picked already: the scan stands.")
    return None


def mark_short(shortages: Sequence[Shortage], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Say of picks that their rest will not be found, and why; the books move when the release is booked.

    Done: the picks. Refused, by pick: `unknown_pick`, `named_twice`, `not_to_pick`, `reason_unknown`,
    `nothing_missing`.
    """
    with transaction.atomic():
        home: dict[UUID, UUID] = dict(sql.rows("find_picks", ids=sorted({each.pick_id for each in shortages})))
        locked = lock_releases(home.values())
        steps = {step.pick_id: step for step in steps_of(release_ids=sorted(set(home.values())))}
        good: dict[UUID, str] = {}
        refused: list[Refusal] = []
        for each in shortages:
            refusal = _not_short(each, steps.get(each.pick_id), locked, good)
            if refusal:
                refused.append(refusal)
            else:
                good[each.pick_id] = each.reason
        if good:
            ids, reasons = columns(good.items(), 2)
            sql.run("mark_short", ids=ids, reasons=reasons)
            entries = [
                Entry("release", steps[key].release_id, _change(steps[key], steps[key].missing) | {"reason": reason})
                for key, reason in good.items()
            ]
            journal.write("fulfilment.marked_short", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def _not_short(
    shortage: Shortage, step: WalkStep | None, locked: dict[UUID, Any], good: dict[UUID, str]
) -> Refusal | None:
    key = shortage.pick_id
    if step is None:
        return Refusal.because(key, "unknown_pick", f"There is no pick {key}.")
    if key in good:
        return Refusal.because(
            key, "named_twice", "The pick is named more than once in this call: the first one counts."
        )
    barred = state_refusal(step.release_id, locked.get(step.release_id), "pick")
    if barred:
        return Refusal(str(key), barred.findings)
    if shortage.reason and shortage.reason not in SHORT_REASONS:
        text = f"{shortage.reason!r} is no reason for a short pick: use one of {', '.join(SHORT_REASONS)}."
        return Refusal.because(key, "reason_unknown", text, place="/reason", reason=shortage.reason)
    if shortage.reason and step.missing <= 0:
        text = f"All of {step.sku} is scanned: nothing is missing."
        return Refusal.because(key, "nothing_missing", text, item=step.sku)
    return None
