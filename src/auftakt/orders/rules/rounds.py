"""Several copies of one order in a batch: which go in together, and which wait for another."""

from collections.abc import Iterable

from auftakt.orders.types import OrderDraft

Member = tuple[int, OrderDraft, str, str]
"""A draft of a batch: its position, itself, its fingerprint, its content."""


def in_rounds(members: Iterable[Member]) -> tuple[list[list[Member]], dict[int, int]]:
    """Members in rounds that hold each reference at most once, in input order.

    A copy that says what the copy before it said goes into no round: it maps to that one's index. Drafts without a
    reference are all different.
    """
    rounds: list[list[Member]] = []
    copies: dict[int, int] = {}
    last: dict[tuple[str, str], tuple[int, int, str]] = {}
    for member in members:
        index, draft, mark, _ = member
        key = (draft.source_system, draft.external_reference)
        number = 0
        if draft.external_reference:
            before = last.get(key)
            if before and before[2] == mark:
                copies[index] = before[1]
                continue
            number = before[0] + 1 if before else 0
            last[key] = (number, index, mark)
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(member)
    return rounds, copies
