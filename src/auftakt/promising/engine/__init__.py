"""The promising engine: pure, in memory, whole millionths and ordinal days."""

from auftakt.promising.engine import compiled  # isort: skip  (before anything is compiled)
from auftakt.promising.engine.days import Calendars
from auftakt.promising.engine.pegs import give_up, loosen, set_aside
from auftakt.promising.engine.picture import Picture, Sourcing
from auftakt.promising.engine.plan import (
    Earliest,
    Proposal,
    Taken,
    earliest,
    first_ship_days,
    propose,
    put_back,
)
from auftakt.promising.engine.start import warm_up
from auftakt.promising.engine.stock import SUPPLY, SupplyRow, supply_array, supply_from_copy

__all__ = [
    "SUPPLY",
    "Calendars",
    "Earliest",
    "Picture",
    "Proposal",
    "Sourcing",
    "SupplyRow",
    "Taken",
    "compiled",
    "earliest",
    "first_ship_days",
    "give_up",
    "loosen",
    "propose",
    "put_back",
    "set_aside",
    "supply_array",
    "supply_from_copy",
    "warm_up",
]
