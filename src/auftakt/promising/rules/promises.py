"""Pure decisions of promising: which pegs move, how pegs are divided, what a lane must be."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_UP, Decimal
from uuid import UUID

from auftakt.catalog.types import ItemFacts
from auftakt.promising.types import (
    OWNER_KINDS,
    RESERVATION_LIFECYCLE,
    CommitmentSplit,
    Demand,
    LaneDraft,
    Peg,
    PegMove,
    Piece,
    Promise,
    ReservationClaim,
    ReservationDraft,
    ReservationFacts,
    Wanted,
    Wish,
)
from auftakt.values import Finding, Refusal, new_id

_SMALLEST = Decimal("0.000001")
_MOST = Decimal(10) ** 9
LONGEST = timedelta(days=366)
"""How long a reservation may last from now on."""


def move_earliest(pegs: Iterable[Peg], quantity: Decimal, to_bucket_id: UUID) -> list[PegMove]:
    """Which pegs of a bucket follow `quantity` of its supply to another bucket: the earliest needed first."""
    moves: list[PegMove] = []
    left = quantity
    for peg in sorted(pegs, key=lambda peg: (peg.need_on, peg.priority, peg.id)):
        amount = min(left, peg.quantity)
        if amount > 0:
            moves.append(PegMove(peg.id, to_bucket_id, amount))
            left -= amount
    return moves


def lose_lowest(pegs: Sequence[Peg], left: Decimal) -> list[tuple[Peg, Decimal]]:
    """What pegs to one bucket lose when only `left` of it remains: the lowest priority first, then the latest need."""
    over = sum((peg.quantity for peg in pegs), Decimal(0)) - max(left, Decimal(0))
    losses: list[tuple[Peg, Decimal]] = []
    for peg in sorted(pegs, key=lambda peg: (-peg.priority, -peg.need_on.toordinal(), peg.id)):
        amount = min(over, peg.quantity)
        if amount > 0:
            losses.append((peg, amount))
            over -= amount
    return losses


def leaving_pegs(pegs: Sequence[Peg], split: CommitmentSplit) -> list[tuple[Peg, Decimal]]:
    """What goes over to the new demand when one is divided: of each item the share not kept, latest supply first.

    A share finer than six decimals is rounded in favour of the demand that keeps.
    """
    kept: dict[UUID, Decimal] = {}
    for peg in pegs:
        kept[peg.item_id] = kept.get(peg.item_id, Decimal(0)) + peg.quantity
    for item_id, quantity in kept.items():
        kept[item_id] = (quantity * split.keep / split.total).quantize(_SMALLEST, ROUND_UP)
    leaving: list[tuple[Peg, Decimal]] = []
    for peg in sorted(pegs, key=lambda peg: (peg.available_on or date.min, peg.id)):
        keeps = min(kept[peg.item_id], peg.quantity)
        kept[peg.item_id] -= keeps
        if keeps < peg.quantity:
            leaving.append((peg, peg.quantity - keeps))
    return leaving


def lane_findings(draft: LaneDraft, sites: Mapping[str, UUID]) -> list[Finding]:
    """Everything wrong with a lane draft."""
    found: list[Finding] = []
    if draft.site_code not in sites:
        found.append(Finding("site_unknown", f"site {draft.site_code} is unknown; check its code", "/site_code"))
    country = draft.country
    if country and not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        message = f"{country!r} is no country code; use two capital letters, or nothing for everywhere else"
        found.append(Finding("country_unknown", message, "/country"))
    if draft.region and not country:
        found.append(Finding("country_missing", "a region needs its country", "/country"))
    if draft.transit_days < 0:
        found.append(Finding("transit_negative", "transit takes zero days or more", "/transit_days"))
    if draft.cost < 0:
        found.append(Finding("cost_negative", "the cost is zero or more", "/cost"))
    if len(draft.currency) != 3 or not draft.currency.isupper():
        found.append(Finding("currency_unknown", f"{draft.currency!r} is no currency code", "/currency"))
    return found


def split_refusal(split: CommitmentSplit) -> Refusal | None:
    """Why a demand cannot be divided so."""
    if 0 < split.keep < split.total:
        return None
    message = f"{split.keep} of {split.total} cannot be kept: it must be more than nothing and less than all"
    return Refusal.because(split.demand_id, "split_not_inside", message, keep=split.keep, total=split.total)


def consume_refusal(demand_id: UUID, held: Sequence[Peg]) -> Refusal | None:
    """Why the goods of a demand cannot leave."""
    if not held:
        return Refusal.because(demand_id, "nothing_promised", "nothing is promised to this line; promise it first")
    missing = [peg for peg in held if peg.kind != "on_hand"]
    if not missing:
        return None
    day = max(peg.available_on or date.min for peg in missing)
    message = f"part of the goods is expected at {missing[0].site_code} by {day} and not there yet; receive it first"
    return Refusal.because(demand_id, "not_on_hand", message, transient=True, expected_on=day)


def contended(demand: Demand) -> Promise:
    """The answer to a demand whose supply others took in every round."""
    reason = {"why": "contended"}
    piece = Piece(demand.id, demand.quantity, None, "", None, None, (), reason)
    return Promise(demand.id, (piece,), demand.quantity, reason)


def understand(wish: Wish, item: ItemFacts | None, place: str, today: date) -> Wanted:
    """A wish as a demand, or all that is wrong with it, each at its place below `place`."""
    found = _place_findings(wish, place, today)
    if item is None:
        return Wanted((_item_finding(wish, place), *found))
    unit = wish.unit or item.unit
    factor = item.units.get(unit)
    if item.state != "active":
        found.append(Finding("item_not_active", f"Item {item.sku} is {item.state}: it is not sold.", f"{place}/sku"))
    if item.kind == "kit" and not item.components:
        found.append(Finding("kit_without_components", f"Kit {item.sku} has no components.", f"{place}/sku"))
    if factor is None:
        message = f"{item.sku} is not traded in {wish.unit!r}; it is in: {', '.join(sorted(item.units))}."
        found.append(Finding("unknown_unit", message, f"{place}/unit"))
    elif not is_whole(wish.quantity, item, unit):
        message = f"The quantity must be above zero, in whole steps of {item.sku}'s unit."
        found.append(Finding("quantity_invalid", message, f"{place}/quantity"))
    if found or factor is None:
        return Wanted(tuple(found), item, unit)
    step = factor * Decimal(1).scaleb(-item.unit_decimals[unit])
    base = wish.quantity * factor
    demand = Demand(
        id=new_id(), item_id=item.id, components=takes(item), quantity=base,
        step=step if step == step.quantize(_SMALLEST) else base, country=wish.country, region=wish.region,
        requested_ship_on=wish.requested_ship_on, requested_arrival_on=wish.requested_arrival_on,
        split_dates=wish.split_dates, split_sites=wish.split_sites,
    )  # fmt: skip
    return Wanted((), item, unit, factor, demand)


def _place_findings(wish: Wish, place: str, today: date) -> list[Finding]:
    found: list[Finding] = []
    if not (len(wish.country) == 2 and wish.country.isascii() and wish.country.isalpha() and wish.country.isupper()):
        message = f"{wish.country!r} is no country code: say where to with two capital letters."
        found.append(Finding("country_unknown", message, f"{place}/country"))
    for name in ("requested_ship_on", "requested_arrival_on"):
        day = getattr(wish, name)
        if day is not None and day < today:
            found.append(Finding("date_in_past", f"{day} has passed: ask for {today} or later.", f"{place}/{name}"))
    return found


def _item_finding(wish: Wish, place: str) -> Finding:
    if wish.sku:
        return Finding("unknown_item", f"There is no item {wish.sku!r}.", f"{place}/sku")
    if wish.gtin:
        return Finding("unknown_item", f"There is no item with the GTIN {wish.gtin!r}.", f"{place}/gtin")
    return Finding("item_missing", "Name the item by its sku or its gtin.", f"{place}/sku")


def is_whole(quantity: Decimal, item: ItemFacts, unit: str) -> bool:
    """Whether a quantity is above zero and made of whole steps of the unit."""
    step = Decimal(1).scaleb(-item.unit_decimals[unit])
    return quantity.is_finite() and 0 < quantity < _MOST and quantity % step == 0


def takes(item: ItemFacts) -> tuple[tuple[UUID, Decimal], ...]:
    """What one of an item takes from supply: a kit its parts, goods themselves, a service nothing."""
    if item.kind == "kit":
        return tuple((part, quantity) for part, _, quantity in item.components)
    return ((item.id, Decimal(1)),) if item.kind == "stocked" else ()


def reservation_findings(draft: ReservationDraft, at: datetime) -> list[Finding]:
    """What is wrong with a reservation, apart from what it wishes for."""
    found: list[Finding] = []
    if draft.owner_kind not in OWNER_KINDS:
        message = f"{draft.owner_kind!r} owns nothing: it is one of {', '.join(OWNER_KINDS)}."
        found.append(Finding("owner_kind_unknown", message, "/owner_kind"))
    if not draft.owner.strip() or len(draft.owner) > 120:
        found.append(Finding("owner_missing", "Name the owner, in 1 to 120 characters.", "/owner"))
    found += expiry_findings(draft.expires_at, at)
    if draft.region and len(draft.region) > 100:
        found.append(Finding("too_long", "A region has at most 100 characters.", "/region"))
    return found


def expiry_findings(expires_at: datetime, at: datetime) -> list[Finding]:
    """What is wrong with the instant at which a reservation is to end."""
    if expires_at <= at:
        return [Finding("expiry_in_past", "The reservation would have expired already: name a later instant.",
                        "/expires_at")]  # fmt: skip
    if expires_at > at + LONGEST:
        message = f"A reservation lasts at most {LONGEST.days} days."
        return [Finding("expiry_too_far", message, "/expires_at", {"days": str(LONGEST.days)})]
    return []


def not_open(
    subject: object, key: UUID, found: ReservationFacts | None, at: datetime, place: str = ""
) -> Refusal | None:
    """Why nothing can be done with a reservation any more."""
    if found is None:
        message = f"There is no reservation {key}."
        return Refusal.because(subject, "unknown_reservation", message, place=place, reservation=key)
    named = f"The reservation of {found.sku} for {found.owner}"
    if found.state == "expired" or (found.state == "open" and found.expires_at <= at):
        message = f"{named} has expired: what it held was given back."
        return Refusal.because(subject, "reservation_expired", message, place=place, reservation=key)
    if found.state in RESERVATION_LIFECYCLE.ends:
        message = f"{named} has ended already: it is {found.state}."
        return Refusal.because(subject, "reservation_ended", message, place=place, reservation=key, state=found.state)
    return None


def claim_findings(
    claim: ReservationClaim, known: Mapping[UUID, ReservationFacts], taken: set[UUID], at: datetime
) -> list[Finding]:
    """Why a line cannot have what it names: unknown, ended, of another item, named twice, or less than the line."""
    found: list[Finding] = []
    held = Decimal(0)
    for index, key in enumerate(claim.reservations):
        place, reservation = f"{claim.place}/{index}", known.get(key)
        if reservation and reservation.state == "turned" and reservation.wanted_by == claim.line_id:
            held = max(held, claim.quantity)
            continue
        refusal = not_open(claim.line_id, key, reservation, at, place)
        if refusal or reservation is None:
            found += refusal.findings if refusal else ()
        elif key in taken or key in claim.reservations[:index]:
            found.append(Finding("reservation_named_twice", f"Reservation {key} serves another line already.", place))
        elif reservation.item_id != claim.item_id:
            message = f"Reservation {key} is of item {reservation.sku}, which this line does not order."
            found.append(Finding("reservation_of_other_item", message, place, {"item": reservation.sku}))
        else:
            held += reservation.quantity
    if not found and held < claim.quantity:
        message = f"{claim.quantity.normalize():f} are ordered, and only {held.normalize():f} are reserved."
        facts = {"ordered": f"{claim.quantity.normalize():f}", "reserved": f"{held.normalize():f}"}
        found.append(Finding("reservation_too_small", message, claim.place, facts))
    return found
