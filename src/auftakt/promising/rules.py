"""Pure decisions of promising: which pegs move, how pegs are divided, what a lane must be."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_UP, Decimal
from uuid import UUID

from auftakt.promising.types import CommitmentSplit, Demand, LaneDraft, Peg, PegMove, Piece, Promise
from auftakt.values import Finding, Refusal

_SMALLEST = Decimal("0.000001")


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
