"""The promising engine: pure, in memory, whole millionths and ordinal days."""

from auftakt.promising.engine.days import Calendars
from auftakt.promising.engine.pegs import loosen
from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.plan import Proposal, Taken, propose, put_back
from auftakt.promising.engine.start import warm_up
from auftakt.promising.engine.stock import SUPPLY, SupplyRow, supply_array, supply_from_copy

__all__ = [
    "SUPPLY",
    "Calendars",
    "Picture",
    "Proposal",
    "SupplyRow",
    "Taken",
    "loosen",
    "propose",
    "put_back",
    "supply_array",
    "supply_from_copy",
    "warm_up",
]
