"""Moving pegs: earlier promises go over to later supply that is still in time for them.

Who asked first must not decide what is free: a promise for day 12 that holds stock on hand, because nothing else was
known when it was given, lets go of it once supply for day 10 is there. With every peg on the latest supply still in
time, what is free in the buckets is what is available to promise, looking ahead.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from auftakt.promising.engine.picture import Bucket, Picture
from auftakt.promising.engine.plan import Taken
from auftakt.promising.types import Peg, PegMove
from auftakt.values import from_micro, to_micro


class _Held:
    """A part of a peg and the bucket it holds it of."""

    __slots__ = ("amount", "bucket", "buckets", "need", "peg")

    def __init__(self, peg: Peg, need: int, bucket: Bucket, amount: int, buckets: list[Bucket]) -> None:
        self.peg = peg
        self.need = need
        self.bucket = bucket
        self.amount = amount
        self.buckets = buckets


def loosen(picture: Picture, pegs: Sequence[Peg], on: date) -> tuple[list[PegMove], Taken]:
    """The moves that bring pegs to the latest supply in time, done in the picture until `put_back`.

    A move goes to a later bucket of the same item and site that is available by the peg's day of need. When no peg can
    go later, no choice of moves frees earlier supply: the buckets in time for one peg are all in time for the next, so
    that a chain of moves is never better than its single steps. Supply that is overdue takes no pegs.
    """
    today = on.toordinal()
    held: list[_Held] = []
    for peg in sorted(pegs, key=lambda peg: (-peg.need_on.toordinal(), peg.id)):
        shelf = picture.shelf(peg.item_id.int, today)
        bucket = shelf.by_number.get(peg.bucket_id.int)
        if bucket is not None:
            buckets = shelf.sites[bucket.site]
            held.append(_Held(peg, peg.need_on.toordinal(), bucket, to_micro(peg.quantity), buckets))
    taken: Taken = []
    moved = True
    while moved:
        moved = False
        for each in list(held):
            moved = _go_later(each, held, today, taken) or moved
    sums: dict[tuple[UUID, UUID], int] = {}
    for each in held:
        if each.bucket.id != each.peg.bucket_id:
            key = (each.peg.id, each.bucket.id)
            sums[key] = sums.get(key, 0) + each.amount
    return [PegMove(peg, bucket, from_micro(amount)) for (peg, bucket), amount in sums.items()], taken


def _go_later(each: _Held, held: list[_Held], today: int, taken: Taken) -> bool:
    """Move as much as fits to the latest bucket in time; what does not fit stays behind as a part of its own."""
    for bucket in reversed(each.buckets):
        if bucket.day > each.need or not bucket.free or bucket.due < today:
            continue
        if bucket.day <= each.bucket.day:
            return False
        amount = min(bucket.free, each.amount)
        if amount < each.amount:
            held.append(_Held(each.peg, each.need, each.bucket, each.amount - amount, each.buckets))
        bucket.free -= amount
        each.bucket.free += amount
        taken += [(bucket, amount), (each.bucket, -amount)]
        each.bucket, each.amount = bucket, amount
        return True
    return False
