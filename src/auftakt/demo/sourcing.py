"""From where the demo company serves whom: the nearest warehouse, Linz for Austria with Hamburg behind it, the plant to
order, and lights for France direct from the supplier in Lyon."""

from dataclasses import replace
from datetime import datetime

from auftakt.demo.company import ACTOR, must
from auftakt.demo.plant import BICYCLE, PLANT
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import SiteDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft
from auftakt.supply import actions as supply
from auftakt.supply.types import (
    AssignmentDraft,
    PromisingTerms,
    Scope,
    Source,
    SourcingDraft,
    SourcingPublication,
)

LYON, MAKER = "LYS", "S140"
_NEAR = SourcingDraft("near", "From the nearest warehouse", (Source(1, "ship"),))
_RULES = (
    _NEAR,
    SourcingDraft(
        "austria",
        "Austria from Linz, with Hamburg behind it",
        (Source(1, "ship", "LNZ"), Source(2, "transfer", "LNZ", "HAM", transfer_days=3), Source(3, "ship")),
    ),
    SourcingDraft(
        "made-to-order",
        "Made to order in Nürnberg",
        (Source(1, "ship", PLANT), Source(2, "make", PLANT)),
        PromisingTerms("ctp", horizon_days=180),
    ),
    SourcingDraft(
        "lights-direct",
        "Lights direct from Lyon",
        (Source(1, "drop_ship", LYON, supplier=MAKER), Source(2, "ship")),
    ),
)
_SCOPES = (
    ("near", Scope()),
    ("austria", Scope(country="AT")),
    ("made-to-order", Scope(sku=BICYCLE)),
    ("lights-direct", Scope(brand="LUMIÈRE", country="FR")),
)


def build_sourcing(at: datetime) -> None:
    """The rules hold from today on; the next version of one is being written."""
    by = {"actor": ACTOR, "at": at}
    place = SiteDraft(
        LYON, "Lumière Vélo, Lyon", "supplier", "FR", city="Lyon", postal_code="69001", time_zone="Europe/Paris",
        processing_days=2, supplier=MAKER,
    )  # fmt: skip
    must(inventory.save_sites([place], **by))
    must(promising.save_lanes([LaneDraft(LYON, "FR", 2), LaneDraft(LYON, "BE", 3)], **by))
    must(promising.save_sourcing_drafts(_RULES, **by))
    must(promising.publish_sourcing([SourcingPublication(each.code, at.date()) for each in _RULES], **by))
    must(supply.assign_sourcing([AssignmentDraft(rule, scope) for rule, scope in _SCOPES], **by))
    careful = replace(_NEAR, terms=PromisingTerms(past_due_days=5, choice="fewest_parcels"))
    must(promising.save_sourcing_drafts([careful], **by))
