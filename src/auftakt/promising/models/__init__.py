"""Tables of promising."""

from auftakt.promising.models.promises import (
    Commitment,
    Lane,
    Reservation,
    ReservationPiece,
)

__all__ = [
    "Commitment",
    "Lane",
    "Reservation",
    "ReservationPiece",
]
