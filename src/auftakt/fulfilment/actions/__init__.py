"""The verbs of fulfilment: the only writers of releases, waves, picks, scans, parcels, shipments,
tracking."""

from auftakt.fulfilment.actions.bill import draw_to_bill
from auftakt.fulfilment.actions.pack import pack
from auftakt.fulfilment.actions.perform import perform
from auftakt.fulfilment.actions.pick import pick, pick_scanned, pick_whole
from auftakt.fulfilment.actions.release import recall, release
from auftakt.fulfilment.actions.scan import mark_short, scan, unscan
from auftakt.fulfilment.actions.ship import ship
from auftakt.fulfilment.actions.track import track
from auftakt.fulfilment.actions.wave import create_waves, disband

__all__ = [
    "create_waves",
    "disband",
    "draw_to_bill",
    "mark_short",
    "pack",
    "perform",
    "pick",
    "pick_scanned",
    "pick_whole",
    "recall",
    "release",
    "scan",
    "ship",
    "track",
    "unscan",
]
