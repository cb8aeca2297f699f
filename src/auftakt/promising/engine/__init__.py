"""The promising engine: pure, in memory, whole millionths and ordinal days."""

from auftakt.promising.engine import compiled  # isort: skip  (before anything is compiled)
from auftakt.promising.engine.days import Calendars
from auftakt.promising.engine.making import Plant, Recipes, build_making, made_values
from auftakt.promising.engine.pegs import give_up, loosen, set_aside
from auftakt.promising.engine.picture import Allocation, Picture, Sourcing
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
from auftakt.promising.engine.stock import KINDS, SUPPLY, SupplyRow, supply_array, supply_from_copy

__all__ = [
    "KINDS",
    "SUPPLY",
    "Allocation",
    "Calendars",
    "Earliest",
    "Picture",
    "Plant",
    "Proposal",
    "Recipes",
    "Sourcing",
    "SupplyRow",
    "Taken",
    "build_making",
    "compiled",
    "earliest",
    "first_ship_days",
    "give_up",
    "loosen",
    "made_values",
    "propose",
    "put_back",
    "set_aside",
    "supply_array",
    "supply_from_copy",
    "warm_up",
]
