"""Verbs of the inventory: the only writers of calendars, sites, the stock ledger and supply buckets."""

from auftakt.inventory.actions.asides import move_aside
from auftakt.inventory.actions.calendars import save_calendars
from auftakt.inventory.actions.counting import (
    decide_counts,
    plan_counts,
    post_counts,
    save_count_tolerances,
    take_counts,
)
from auftakt.inventory.actions.draws import draw, give_back, issue
from auftakt.inventory.actions.expiry import set_aside_lots, write_off_lots
from auftakt.inventory.actions.lots import hold_lots, judge_lots, pass_lots_on, put_lots_back, release_lots
from auftakt.inventory.actions.moves import adjust, count, receive, reverse, take_back, transfer
from auftakt.inventory.actions.places import place
from auftakt.inventory.actions.sites import save_sites
from auftakt.inventory.actions.supplies import arrive, expect

__all__ = [
    "adjust",
    "arrive",
    "count",
    "decide_counts",
    "draw",
    "expect",
    "give_back",
    "hold_lots",
    "issue",
    "judge_lots",
    "move_aside",
    "pass_lots_on",
    "place",
    "plan_counts",
    "post_counts",
    "put_lots_back",
    "receive",
    "release_lots",
    "reverse",
    "save_calendars",
    "save_count_tolerances",
    "save_sites",
    "set_aside_lots",
    "take_back",
    "take_counts",
    "transfer",
    "write_off_lots",
]
