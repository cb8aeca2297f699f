"""The promising engine: pure, in memory, whole millionths and ordinal days."""

from auftakt.promising.engine.pegs import loosen
from auftakt.promising.engine.picture import SUPPLY, Picture, SupplyRow, supply_array, supply_from_copy
from auftakt.promising.engine.plan import Proposal, Taken, propose, put_back

__all__ = [
    "SUPPLY",
    "Picture",
    "Proposal",
    "SupplyRow",
    "Taken",
    "loosen",
    "propose",
    "put_back",
    "supply_array",
    "supply_from_copy",
]
