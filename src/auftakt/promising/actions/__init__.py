"""The verbs of promising."""

from auftakt.promising.actions.promise import (
    consume,
    end_lanes,
    finish_work,
    free_supply,
    hold_supply,
    inspect_purchases,
    pin,
    promise,
    receive_purchases,
    receive_transfers,
    release,
    save_lanes,
    split_commitments,
    unpin,
)
from auftakt.promising.actions.reserve import (
    claim_reservations,
    expire_reservations,
    extend_reservations,
    release_reservations,
    reserve,
    tie_reservations,
    tied_reservations,
    turn_reservations,
)
from auftakt.promising.actions.sourcing import (
    publish_sourcing,
    save_sourcing_drafts,
)

__all__ = [
    "claim_reservations",
    "consume",
    "end_lanes",
    "expire_reservations",
    "extend_reservations",
    "finish_work",
    "free_supply",
    "hold_supply",
    "inspect_purchases",
    "pin",
    "promise",
    "publish_sourcing",
    "receive_purchases",
    "receive_transfers",
    "release",
    "release_reservations",
    "reserve",
    "save_lanes",
    "save_sourcing_drafts",
    "split_commitments",
    "tie_reservations",
    "tied_reservations",
    "turn_reservations",
    "unpin",
]
