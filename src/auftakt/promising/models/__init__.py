"""Tables of promising."""

from auftakt.promising.models.allocation import (
    AllocationMark,
    AllocationRule,
    AllocationTarget,
    AllocationVersion,
    DemandClass,
)
from auftakt.promising.models.promises import (
    Commitment,
    Lane,
    Reservation,
    ReservationPiece,
)

__all__ = [
    "AllocationMark",
    "AllocationRule",
    "AllocationTarget",
    "AllocationVersion",
    "Commitment",
    "DemandClass",
    "Lane",
    "Reservation",
    "ReservationPiece",
]
