"""Lots and serial numbers: which of them move, first expired, first out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from auftakt.inventory.rules.numbers import is_sized, plain
from auftakt.inventory.types import LotHoldDraft, LotQuantity, Movement
from auftakt.values import Finding, new_id

_LOT_NUMBER = re.compile(r"[^\x00-\x1f\x7f]{1,64}")


@dataclass(slots=True)
class LotState:
    """A lot as a batch knows it; a fresh one is stored with the batch."""

    id: UUID
    item_id: UUID
    number: str
    expires_on: date | None
    is_serial: bool
    came_with_id: UUID | None = None
    is_fresh: bool = False


LotPlace = tuple[UUID, UUID]
"""Lot and location."""


class LotShelf:
    """The lots that a batch touches, as they change move by move: first expired, first out where none is told."""

    def __init__(self, lots: Iterable[LotState], at: Mapping[LotPlace, tuple[Decimal, Decimal]], on: date) -> None:
        self.lots = {(lot.item_id, lot.number): lot for lot in lots}
        self.by_id = {lot.id: lot for lot in self.lots.values()}
        self.quantity = {place: quantity for place, (quantity, _) in at.items()}
        self.held = {place: held for place, (_, held) in at.items()}
        self.before = (dict(self.quantity), dict(self.held))
        self.carried: dict[tuple[UUID, UUID], dict[UUID, Decimal]] = {}  # (reference, location) -> lot -> quantity
        self.picked: dict[tuple[UUID, UUID], dict[UUID, Decimal]] = {}
        self.used: list[tuple[UUID, UUID, UUID]] = []  # reference, lot, location of what was picked and has left
        self.on = on

    def free(self, place: LotPlace) -> Decimal:
        """What of a lot at a place nobody has picked."""
        return self.quantity.get(place, Decimal(0)) - self.held.get(place, Decimal(0))

    def settle(self, move: Movement) -> tuple[list[Finding], tuple[tuple[UUID, Decimal], ...]]:
        """Which lots a move moves, or why it cannot. Nothing changes by a move that is refused."""
        if move.tracking == "none" or move.quantity == 0:
            return [], ()
        found = lots_findings(move.sku, move.tracking, move.quantity, move.lots) if move.lots else []
        if found:
            return found, ()
        if move.taken_from.holds:
            found, chosen = self._leaving(move)
        else:
            found, chosen = self._coming(move)
        if found:
            return found, ()
        self._apply(move, chosen)
        return [], tuple((lot.id, quantity) for lot, quantity in chosen)

    def _leaving(self, move: Movement) -> tuple[list[Finding], list[tuple[LotState, Decimal]]]:
        source = move.taken_from.location_id
        own = self.picked.get((move.reference_id, source), {}) if move.reference_id else {}
        if not move.lots:
            chosen = self._chosen(move, own)
            return ([], chosen) if chosen else ([lots_missing(move.sku, move.tracking)], [])
        found: list[Finding] = []
        chosen = []
        for index, told in enumerate(move.lots):
            lot = self.lots.get((move.item_id, told.number.strip()))
            free = self.free((lot.id, source)) + own.get(lot.id, Decimal(0)) if lot else Decimal(0)
            if lot is None or free < told.quantity:
                facts = {"lot": told.number, "wanted": plain(told.quantity), "there": plain(free)}
                message = f"lot {told.number} of {move.sku}: {plain(told.quantity)} wanted, {plain(free)} there"
                found.append(Finding("lot_not_there", message, f"/lots/{index}/number", facts))
            else:
                chosen.append((lot, told.quantity))
        return found, chosen

    def _chosen(self, move: Movement, own: Mapping[UUID, Decimal]) -> list[tuple[LotState, Decimal]]:
        """The lots a move takes when none is told: what was picked for it, what came with it, else the first to
        expire. Empty when that must be told."""
        source = move.taken_from.location_id
        carried = self.carried.get((move.reference_id, source)) if move.reference_id else None
        left, chosen = move.quantity, dict[UUID, Decimal]()

        def take(lots: Mapping[UUID, Decimal]) -> None:
            nonlocal left
            for lot_id in sorted(lots, key=lambda key: fefo(self.by_id[key], self.on)):
                if self.by_id[lot_id].item_id == move.item_id and left > 0 and lots[lot_id] > 0:
                    part = min(left, lots[lot_id])
                    chosen[lot_id] = chosen.get(lot_id, Decimal(0)) + part
                    left -= part

        take(own)
        if move.taken_from.code in ("quarantine", "transit") and carried:
            take({lot: min(number, self.free((lot, source))) for lot, number in carried.items()})
        elif move.choose:
            take({lot: self.free((lot, place)) for lot, place in self.quantity if place == source})
        return [] if left > 0 else [(self.by_id[key], quantity) for key, quantity in chosen.items()]

    def _coming(self, move: Movement) -> tuple[list[Finding], list[tuple[LotState, Decimal]]]:
        source = move.taken_from.location_id
        carried = self.carried.get((move.reference_id, source)) if move.reference_id else None
        if not move.lots:
            if not carried or sum(carried.values()) < move.quantity:
                return [lots_missing(move.sku, move.tracking)], []
            back, left = list[tuple[LotState, Decimal]](), move.quantity
            for lot_id in sorted(carried, key=lambda key: fefo(self.by_id[key], self.on), reverse=True):
                part = min(left, carried[lot_id])
                if part > 0:
                    back.append((self.by_id[lot_id], part))
                    left -= part
            return [], back
        found: list[Finding] = []
        chosen: list[tuple[LotState, Decimal]] = []
        for index, told in enumerate(move.lots):
            lot = self.lots.get((move.item_id, told.number.strip()))
            finding = self._unwelcome(move, told, lot, index) if lot else None
            if finding:
                found.append(finding)
                continue
            chosen.append((lot or self._fresh(move, told), told.quantity))
        return found, chosen

    def _unwelcome(self, move: Movement, told: LotQuantity, lot: LotState | None, index: int) -> Finding | None:
        """Why a lot that is known cannot come in under its number."""
        if lot is None:
            return None
        facts = {"lot": lot.number, "sku": move.sku}
        if told.expires_on and told.expires_on != lot.expires_on:
            known = lot.expires_on or "never"
            message = f"lot {lot.number} of {move.sku} is known to expire {known}, not {told.expires_on}"
            return Finding("lot_used_twice", message, f"/lots/{index}/expires_on", {**facts, "expires_on": str(known)})
        if lot.is_serial and any(number > 0 and key == lot.id for (key, _), number in self.quantity.items()):
            message = f"serial number {lot.number} of {move.sku} is in stock already"
            return Finding("serial_in_stock", message, f"/lots/{index}/number", facts)
        return None

    def _fresh(self, move: Movement, told: LotQuantity) -> LotState:
        expires = told.expires_on
        if expires is None and move.shelf_life_days is not None:
            expires = self.on + timedelta(move.shelf_life_days)
        return LotState(
            new_id(), move.item_id, told.number.strip(), expires, move.tracking == "serial", move.reference_id, True
        )

    def _apply(self, move: Movement, chosen: Sequence[tuple[LotState, Decimal]]) -> None:
        for lot, quantity in chosen:
            self.lots[lot.item_id, lot.number] = self.by_id[lot.id] = lot
            for place, sign in ((move.taken_from, -1), (move.put_to, 1)):
                if move.reference_id and (move.reference_id, place.location_id) in self.carried:
                    carried = self.carried[move.reference_id, place.location_id]
                    carried[lot.id] = carried.get(lot.id, Decimal(0)) + sign * quantity
                if place.holds:
                    key = (lot.id, place.location_id)
                    self.quantity[key] = self.quantity.get(key, Decimal(0)) + sign * quantity
            self._use_hold(move, lot, quantity)

    def _use_hold(self, move: Movement, lot: LotState, quantity: Decimal) -> None:
        if move.reference_id is None:
            return
        own = self.picked.get((move.reference_id, move.taken_from.location_id), {})
        part = min(own.get(lot.id, Decimal(0)), quantity)
        if part > 0:
            place = (lot.id, move.taken_from.location_id)
            own[lot.id] -= part
            self.held[place] -= part
            if own[lot.id] == 0:
                self.used.append((move.reference_id, *place))

    def compare(self, count: Movement) -> tuple[list[LotQuantity], list[LotQuantity]]:
        """By which lots a count finds more, and by which less, than the books say."""
        place = count.put_to.location_id
        books = {
            self.by_id[lot].number: quantity
            for (lot, at), quantity in self.quantity.items()
            if at == place and self.by_id[lot].item_id == count.item_id
        }
        told = {lot.number.strip(): lot for lot in count.lots}
        more, less = list[LotQuantity](), list[LotQuantity]()
        for number in [*told, *(number for number in books if number not in told)]:
            seen = told.get(number) or LotQuantity(number, Decimal(0))
            difference = seen.quantity - books.get(number, Decimal(0))
            if difference:
                (more if difference > 0 else less).append(replace(seen, quantity=abs(difference)))
        return more, less

    def mark(self) -> tuple[dict[LotPlace, Decimal], dict[LotPlace, Decimal]]:
        """The state to come back to."""
        return dict(self.quantity), dict(self.held)

    def back_to(self, point: tuple[dict[LotPlace, Decimal], dict[LotPlace, Decimal]]) -> None:
        """Undo what was settled since."""
        self.quantity, self.held = point

    def changes(self) -> list[tuple[UUID, UUID, Decimal, Decimal]]:
        """What changed: lot, location, difference of the quantity, of what is held."""
        quantities, helds = self.before
        found = []
        for place in self.quantity:
            change = self.quantity[place] - quantities.get(place, Decimal(0))
            held = self.held.get(place, Decimal(0)) - helds.get(place, Decimal(0))
            if change or held:
                found.append((*place, change, held))
        return sorted(found)


def fefo(lot: LotState, on: date) -> tuple[bool, date, UUID]:
    """What lots leave by: those that still keep, the first to expire in front, then the oldest."""
    expires = lot.expires_on or date.max
    return (expires < on, expires, lot.id)


def lots_missing(sku: str, tracking: str) -> Finding:
    """Lots must be told and were not."""
    if tracking == "serial":
        message = f"{sku} bears serial numbers: say which, one for each piece"
        return Finding("serials_missing", message, "/lots", {"sku": sku})
    return Finding("lots_missing", f"{sku} comes in lots: say which, and how much of each", "/lots", {"sku": sku})


def lots_findings(sku: str, tracking: str, quantity: Decimal, lots: Sequence[LotQuantity]) -> list[Finding]:
    """Everything wrong with the lots told for a quantity, by themselves."""
    if tracking == "none":
        message = f"{sku} bears no lot numbers; leave them out"
        return [Finding("lots_unexpected", message, "/lots", {"sku": sku})] if lots else []
    if not lots:
        return [lots_missing(sku, tracking)]
    found: list[Finding] = []
    seen: set[str] = set()
    for index, lot in enumerate(lots):
        number, place = lot.number.strip(), f"/lots/{index}"
        facts = {"lot": number, "sku": sku}
        if not _LOT_NUMBER.fullmatch(number):
            found.append(Finding("lot_malformed", "a number has 1 to 64 printable characters", f"{place}/number"))
        elif number in seen:
            code = "serial_repeated" if tracking == "serial" else "lot_repeated"
            found.append(Finding(code, f"{number} is named twice", f"{place}/number", facts))
        seen.add(number)
        if not is_sized(lot.quantity) or lot.quantity <= 0:
            found.append(Finding("quantity_not_positive", "the quantity must be above zero", f"{place}/quantity"))
        elif tracking == "serial" and lot.quantity != 1:
            message = f"serial number {number} is one piece, not {plain(lot.quantity)}"
            found.append(Finding("serial_is_one", message, f"{place}/quantity", facts))
    total = sum((lot.quantity for lot in lots), Decimal(0))
    if not found and total != quantity:
        message = f"the lots of {sku} sum to {plain(total)}, not {plain(quantity)}"
        found.append(Finding("lots_do_not_sum", message, "/lots", {"sum": plain(total), "quantity": plain(quantity)}))
    return found


def hold_choice(
    shelf: LotShelf, move: Movement, draft: LotHoldDraft
) -> tuple[list[Finding], list[tuple[UUID, Decimal]]]:
    """Which lots are picked: those told if they keep long enough, else the first to expire that do. They are
    held on the shelf."""
    last = draft.ship_on + timedelta(draft.min_remaining_days)
    place = move.taken_from.location_id
    if draft.lots:
        found = _not_to_pick(shelf, move, draft, last)
        if found:
            return found, []
        chosen = [(shelf.lots[move.item_id, told.number.strip()].id, told.quantity) for told in draft.lots]
    else:
        chosen, left = [], draft.quantity
        there = [shelf.by_id[lot] for lot, at in shelf.quantity if at == place]
        for lot in sorted(there, key=lambda each: (each.expires_on or date.max, each.id)):
            part = min(left, shelf.free((lot.id, place)))
            if lot.item_id == move.item_id and part > 0 and (lot.expires_on is None or lot.expires_on >= last):
                chosen.append((lot.id, part))
                left -= part
        if left > 0:
            kept = plain(draft.quantity - left)
            message = (
                f"only {kept} of {plain(draft.quantity)} {draft.sku} keep until {last}: the other lots have expired or"
                " would too soon, or are picked for others"
            )
            facts = {"sku": draft.sku, "wanted": plain(draft.quantity), "there": kept, "until": str(last)}
            return [Finding("lots_expired", message, "", facts)], []
    for lot_id, quantity in chosen:
        shelf.held[lot_id, place] = shelf.held.get((lot_id, place), Decimal(0)) + quantity
    return [], chosen


def _not_to_pick(shelf: LotShelf, move: Movement, draft: LotHoldDraft, last: date) -> list[Finding]:
    found: list[Finding] = []
    for index, told in enumerate(draft.lots):
        lot = shelf.lots.get((move.item_id, told.number.strip()))
        free = shelf.free((lot.id, move.taken_from.location_id)) if lot else Decimal(0)
        place, facts = f"/lots/{index}/number", {"lot": told.number, "sku": draft.sku, "there": plain(free)}
        if lot is None or free < told.quantity:
            message = f"lot {told.number} of {draft.sku}: {plain(told.quantity)} wanted, {plain(free)} there"
            found.append(Finding("lot_not_there", message, place, facts))
        elif lot.expires_on is not None and lot.expires_on < last:
            facts |= {"expires_on": str(lot.expires_on), "until": str(last)}
            message = f"lot {told.number} of {draft.sku} expires {lot.expires_on} and must keep until {last}"
            found.append(Finding("lot_expired", message, place, facts))
    total = sum((told.quantity for told in draft.lots), Decimal(0))
    if not found and total != draft.quantity:
        message = f"the lots of {draft.sku} sum to {plain(total)}, not {plain(draft.quantity)}"
        found.append(Finding("lots_do_not_sum", message, "/lots", {"sum": plain(total)}))
    return found
