"""Pure decisions of promising."""

from auftakt.promising.rules.promises import (
    LONGEST,
    claim_findings,
    consume_refusal,
    contended,
    expiry_findings,
    is_whole,
    lane_findings,
    leaving_pegs,
    lose_lowest,
    move_earliest,
    not_open,
    reservation_findings,
    split_refusal,
    takes,
    understand,
)

__all__ = [
    "LONGEST",
    "claim_findings",
    "consume_refusal",
    "contended",
    "expiry_findings",
    "is_whole",
    "lane_findings",
    "leaving_pegs",
    "lose_lowest",
    "move_earliest",
    "not_open",
    "reservation_findings",
    "split_refusal",
    "takes",
    "understand",
]
