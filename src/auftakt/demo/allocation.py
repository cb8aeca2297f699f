"""Scarce in the demo company: the lock that key accounts, retail and the web shop all want, shared among them."""

from datetime import datetime
from decimal import Decimal

from auftakt.demo.company import ACTOR, must
from auftakt.promising import actions
from auftakt.promising.types import AllocationDraft, AllocationPublication, DemandClass, Target

SCARCE = "FALTSCHLOSS-1"
_CLASSES = (
    DemandClass("key", "Key accounts", rank=1),
    DemandClass("retail", "Retail", rank=2),
    DemandClass("web", "Web shop", rank=3),
)
_TARGETS = (Target("key", Decimal(30)), Target("retail", Decimal(20)), Target("web", Decimal(10)))


def build_allocation(at: datetime) -> None:
    """Classes, and a rule in force that leaves a good part open to all."""
    by = {"actor": ACTOR, "at": at}
    must(actions.save_demand_classes(_CLASSES, **by))
    rule = AllocationDraft(
        "scarce", "Folding locks, kept for those who matter most", _TARGETS, sku=SCARCE, steal_within_days=14
    )
    must(actions.save_allocation_drafts([rule], **by))
    must(actions.publish_allocation([AllocationPublication("scarce")], **by))
