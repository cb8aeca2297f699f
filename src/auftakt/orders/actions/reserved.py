"""Reservations that lines name: checked before anything is drawn, turned into promises when the order binds."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from auftakt.orders.actions.placing import Placing
from auftakt.promising import actions as promising
from auftakt.promising.types import ReservationClaim
from auftakt.values import Finding, Refusal


def claim(quoted: Sequence[Placing], *, actor: str, at: datetime) -> tuple[list[Placing], list[Refusal]]:
    """Lock the reservations that drafts name, and those that lines of stored drafts were meant to have. A draft that
    names what it cannot have is refused; what a stored draft was to have and has lost meanwhile is no reason."""
    claims: list[ReservationClaim] = []
    of_line: dict[UUID, Placing] = {}
    for placing in quoted:
        for line in placing.lines:
            named = line.screened.draft.reservations
            if named:
                wanted = line.screened
                place = f"/lines/{wanted.position}/reservations"
                claims.append(ReservationClaim(line.id, wanted.item.id, line.open * wanted.factor, named, place))
                of_line[line.id] = placing
                line.reserved = named
    wrong: dict[int, list[Finding]] = defaultdict(list)
    for refusal in promising.claim_reservations(claims, actor=actor, at=at).refused if claims else ():
        wrong[of_line[UUID(refusal.subject)].index] += refusal.findings
    passed = [placing for placing in quoted if placing.index not in wrong]
    _find_tied(passed, actor=actor, at=at)
    return passed, [Refusal(each.subject, tuple(wrong[each.index])) for each in quoted if each.index in wrong]


def _find_tied(passed: Sequence[Placing], *, actor: str, at: datetime) -> None:
    lines = {
        line.id: line
        for placing in passed
        if placing.submits and placing.before is not None and not placing.was_submitted
        for line in placing.lines
        if not line.reserved
    }
    if not lines:
        return
    tied: dict[UUID, list[UUID]] = defaultdict(list)
    for reservation, line_id in promising.tied_reservations(list(lines), actor=actor, at=at).done:
        tied[line_id].append(reservation)
    for line_id, reservations in tied.items():
        lines[line_id].reserved = reservations


def turns(secured: Sequence[Placing], *, submits: bool) -> list[tuple[UUID, UUID]]:
    """Which reservation is for which line, of the orders that bind now or of those that stay drafts."""
    return [
        (reservation, line.id)
        for placing in secured
        if placing.submits == submits
        for line in placing.lines
        for reservation in line.reserved
    ]
