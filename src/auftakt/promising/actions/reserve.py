"""Reservations: supply held softly for somebody who is deciding, until an instant, a release, or a promise.

They hold supply as promises do, by commitments of demands of their own: nobody oversells, and the balance stays true.
A reservation is locked before the supply it holds.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.promising import queries, rules
from auftakt.promising.actions.promise import end_reservations, expire_met, promise, release
from auftakt.promising.queries import sql
from auftakt.promising.types import (
    Demand,
    Promise,
    ReservationClaim,
    ReservationDraft,
    ReservationExtension,
    ReservationFacts,
    Wanted,
    Wish,
)
from auftakt.values import Finding, Outcome, Refusal

_RESERVATION = (
    "id", "owner_kind", "owner", "item_id", "quantity", "needs", "country", "region", "state", "expires_at",
    "created_at", "created_by", "ended_by",
)  # fmt: skip
_PIECE = ("id", "reservation_id", "quantity", "site_id", "ship_on", "arrive_on")


def reserve(drafts: Sequence[ReservationDraft], *, actor: str, at: datetime) -> Outcome[ReservationFacts]:
    """Hold supply for owners until an instant, as a promise would draw it. Done: the reservations in input order.

    A reservation holds all that was asked for, or there is none. Refused (subject: the index): `not_enough`, with what
    could be had; `owner_kind_unknown`, `owner_missing`, `expiry_in_past`, `expiry_too_far`, and what is wrong with the
    item, the quantity and the destination.
    """
    today = timezone.localdate(at)
    refused: dict[int, Refusal] = {}
    good: list[tuple[int, ReservationDraft, Wanted, Demand]] = []
    with transaction.atomic(savepoint=False):
        wanted = queries.understand([_wish(draft) for draft in drafts], [""] * len(drafts), today=today)
        for index, (draft, each) in enumerate(zip(drafts, wanted, strict=True)):
            findings = (*each.findings, *rules.reservation_findings(draft, at))
            if findings or each.demand is None:
                refused[index] = Refusal(str(index), findings)
            else:
                good.append((index, draft, each, each.demand))
        demands = [demand for *_, demand in good]
        expire_met({item for demand in demands for item, _ in demand.components}, actor=actor, at=at)
        promises = promise(demands, on=today, actor=actor, at=at) if demands else []
        refused |= {
            index: _not_enough(index, each) for (index, *_), each in zip(good, promises, strict=True) if each.unpromised
        }
        left = [piece.demand_id for each in promises if each.unpromised for piece in each.pieces if piece.takes]
        if left:
            release(left, actor=actor, at=at)
        held = [(*row[1:], each) for row, each in zip(good, promises, strict=True) if not each.unpromised]
        _store(held, actor, at)
    known = queries.reservations([demand.id for _, _, demand, _ in held]) if held else {}
    done = tuple(known[demand.id] for _, _, demand, _ in held)
    return Outcome(done, tuple(refused[index] for index in sorted(refused)))


def _wish(draft: ReservationDraft) -> Wish:
    return Wish(
        draft.quantity, draft.sku, draft.gtin, draft.unit, draft.country, draft.region, draft.requested_ship_on,
        draft.requested_arrival_on, draft.split_dates, draft.split_sites,
    )  # fmt: skip


def _not_enough(index: int, answer: Promise) -> Refusal:
    reason = answer.pieces[-1].reason
    could = [f"{each['quantity']} from {each['site']} on {each['ship_on']}" for each in reason.get("could", ())]
    if reason["why"] == "no_lane":
        return Refusal.because(index, "no_lane", "No site ships to this destination.", place="/country")
    if reason["why"] == "contended":
        message = "Others are taking the same supply: try again."
        return Refusal.because(index, "contended", message, place="/quantity", transient=True)
    message = f"This cannot be had whole{'; there could be: ' + ', '.join(could) if could else ''}."
    return Refusal.because(index, "not_enough", message, place="/quantity", could="; ".join(could))


def _store(held: Sequence[tuple[ReservationDraft, Wanted, Demand, Promise]], actor: str, at: datetime) -> None:
    rows = [
        (
            demand.id, draft.owner_kind, draft.owner.strip(), demand.item_id, demand.quantity,
            json.dumps([[str(item), str(each)] for item, each in demand.components]), draft.country, draft.region,
            "open", draft.expires_at, at, actor, "",
        )
        for draft, _, demand, _ in held
    ]  # fmt: skip
    pieces = [
        (piece.demand_id, demand.id, piece.quantity, piece.site_id, piece.ship_on, piece.arrive_on)
        for _, _, demand, each in held
        for piece in each.pieces
    ]
    insert_rows("promising_reservation", _RESERVATION, rows)
    insert_rows("promising_reservationpiece", _PIECE, pieces)
    entries: list[Entry] = []
    for draft, wanted, demand, _ in held:
        change = {
            "item": wanted.item.sku if wanted.item else "", "quantity": demand.quantity, "owner_kind": draft.owner_kind,
            "owner": draft.owner.strip(), "expires_at": draft.expires_at,
        }  # fmt: skip
        entries.append(Entry("reservation", demand.id, change))
    journal.write("promising.reserved", entries, actor=actor, at=at)


def release_reservations(reservation_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give back what reservations hold. Refused: `unknown_reservation`, `reservation_expired`, `reservation_ended`."""
    with transaction.atomic(savepoint=False):
        known = _lock(reservation_ids)
        good, refused = _open(list(dict.fromkeys(reservation_ids)), known, at)
        end_reservations(good, "release", actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def extend_reservations(extensions: Sequence[ReservationExtension], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let reservations end at another instant. Refused (subject: the id): `unknown_reservation`,
    `reservation_expired`, `reservation_ended`, `expiry_in_past`, `expiry_too_far`."""
    wanted = {each.reservation_id: each.expires_at for each in extensions}
    with transaction.atomic(savepoint=False):
        known = _lock(list(wanted))
        good, refused = _open(list(wanted), known, at)
        wrong = {key: found for key in good if (found := rules.expiry_findings(wanted[key], at))}
        good = [key for key in good if key not in wrong]
        ids, untils = columns([(key, wanted[key]) for key in good], 2)
        if ids:
            sql.run("extend_reservations", ids=ids, untils=untils)
        entries = [Entry("reservation", key, {"expires_at": wanted[key], "was": known[key].expires_at}) for key in good]
        journal.write("promising.reservation_extended", entries, actor=actor, at=at)
    refused += [Refusal(str(key), tuple(found)) for key, found in wrong.items()]
    return Outcome(tuple(good), tuple(refused))


def _lock(ids: Sequence[UUID]) -> dict[UUID, ReservationFacts]:
    sql.rows("lock_reservations", ids=sorted(set(ids)))
    return queries.reservations(ids)


def _open(ids: Sequence[UUID], known: dict[UUID, ReservationFacts], at: datetime) -> tuple[list[UUID], list[Refusal]]:
    refused = [refusal for key in ids if (refusal := rules.not_open(key, key, known.get(key), at))]
    barred = {UUID(each.subject) for each in refused}
    return [key for key in ids if key not in barred], refused


def expire_reservations(*, limit: int, actor: str, at: datetime) -> Outcome[UUID]:
    """Give back what reservations hold whose time is over, at most `limit` of them. Done: those; call until none is."""
    with transaction.atomic(savepoint=False):
        over = [row[0] for row in sql.rows("take_expired", at=at, limit=limit)]
        end_reservations(over, "expire", actor=actor, at=at)
    return Outcome(tuple(over))


def claim_reservations(claims: Sequence[ReservationClaim], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Lock what lines name until the caller's transaction ends, and check that they may have it. Done: the lines.

    Nothing else changes: `turn_reservations` does. Refused (subject: the line): `unknown_reservation`,
    `reservation_expired`, `reservation_ended`, `reservation_of_other_item`, `reservation_too_small`,
    `reservation_named_twice`. What was turned into a promise of the same line before is no refusal.
    """
    with transaction.atomic(savepoint=False):
        known = _lock([key for claim in claims for key in claim.reservations])
        taken: set[UUID] = set()
        done: list[UUID] = []
        refused: list[Refusal] = []
        for claim in claims:
            findings: list[Finding] = rules.claim_findings(claim, known, taken, at)
            if findings:
                refused.append(Refusal(str(claim.line_id), tuple(findings)))
                continue
            taken |= set(claim.reservations)
            done.append(claim.line_id)
    return Outcome(tuple(done), tuple(refused))


def turn_reservations(turns: Sequence[tuple[UUID, UUID]], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give back what reservations hold, because lines are promised it in the same transaction: (reservation, line).

    The caller holds the reservations (`claim_reservations`, `tied_reservations`) and their supply (`hold_supply`).
    Done: the reservations; one that has ended stays as it is and is done too.
    """
    with transaction.atomic(savepoint=False):
        known = queries.reservations([key for key, _ in turns])
        good = {key: line for key, line in turns if key in known and known[key].state == "open"}
        _tie(list(good.items()))
        end_reservations(list(good), "turn", actor=actor, at=at, lines=good)
    return Outcome(tuple(key for key, _ in turns))


def tie_reservations(ties: Sequence[tuple[UUID, UUID]], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Note for which lines of drafts reservations are meant: (reservation, line). They hold on until their time is
    over, and are found by their line when it is submitted."""
    with transaction.atomic(savepoint=False):
        _tie(ties)
    return Outcome(tuple(key for key, _ in ties))


def tied_reservations(line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[tuple[UUID, UUID]]:
    """Lock the open reservations that are meant for lines until the caller's transaction ends. Done: (reservation,
    line)."""
    with transaction.atomic(savepoint=False):
        rows = sql.rows("lock_tied_reservations", lines=list(line_ids))
    return Outcome(tuple((key, line) for key, line in rows))


def _tie(ties: Sequence[tuple[UUID, UUID]]) -> None:
    if ties:
        ids, lines = columns(ties, 2)
        sql.run("tie_reservations", ids=ids, lines=lines)
