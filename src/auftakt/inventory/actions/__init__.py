"""Verbs of the inventory: the only writers of calendars, sites, the stock ledger and supply buckets."""

from auftakt.inventory.actions.asides import move_aside
from auftakt.inventory.actions.calendars import save_calendars
from auftakt.inventory.actions.draws import draw, give_back, issue
from auftakt.inventory.actions.moves import adjust, count, receive, reverse, take_back, transfer
from auftakt.inventory.actions.places import place
from auftakt.inventory.actions.sites import save_sites
from auftakt.inventory.actions.supplies import arrive, expect

__all__ = [
    "adjust",
    "arrive",
    "count",
    "draw",
    "expect",
    "give_back",
    "issue",
    "move_aside",
    "place",
    "receive",
    "reverse",
    "save_calendars",
    "save_sites",
    "take_back",
    "transfer",
]
