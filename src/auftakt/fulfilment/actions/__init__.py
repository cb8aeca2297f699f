"""The verbs of fulfilment: the only writers of releases, picks, parcels, shipments and tracking."""

from auftakt.fulfilment.actions.bill import draw_to_bill
from auftakt.fulfilment.actions.pack import pack
from auftakt.fulfilment.actions.perform import perform
from auftakt.fulfilment.actions.pick import pick, pick_whole
from auftakt.fulfilment.actions.release import recall, release
from auftakt.fulfilment.actions.ship import ship
from auftakt.fulfilment.actions.track import track

__all__ = [
    "draw_to_bill",
    "pack",
    "perform",
    "pick",
    "pick_whole",
    "recall",
    "release",
    "ship",
    "track",
]
