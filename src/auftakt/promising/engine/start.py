"""Getting the compiled search ready before the first question."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.plan import propose, put_back
from auftakt.promising.engine.stock import SupplyRow, supply_array
from auftakt.promising.types import Demand, LaneFacts, SiteOfSupply


def warm_up() -> None:
    """Compile the search, or load what was compiled before on this machine: about 20 seconds the first time, a fraction
    of one afterwards. Without it the first promise of a process waits, in the midst of its transaction."""
    item, site = UUID(int=1), UUID(int=2)
    picture = Picture(0, [SiteOfSupply(site, "S")], [LaneFacts(site, "DE", "", "", 1, Decimal(0), "EUR")])
    row = SupplyRow(UUID(int=3), item, site, 0, 10, 0)
    picture.load(supply_array([row]))
    on = date(2026, 3, 2)
    demand = Demand(UUID(int=4), item, ((item, Decimal(1)),), Decimal(1), country="DE", split_dates=True)
    put_back(propose(picture, [demand], on).taken)
    picture.settle([row])
