"""The same thing done with many orders, as a job that anybody can watch: each order has its result."""

from uuid import UUID

from auftakt.orders.actions.cancel import cancel
from auftakt.orders.actions.holds import hold, release_holds
from auftakt.orders.actions.serve import repromise_orders
from auftakt.orders.types import Cancellation
from auftakt.platform import jobs
from auftakt.platform.jobs import Chunk, Kind, Step


def _hold(chunk: Chunk) -> Step:
    told = chunk.job.arguments
    outcome = hold(_ids(chunk), told["reason"], told["note"], actor=chunk.job.actor, at=chunk.at)
    return Step.of(chunk.rows, outcome)


def _release(chunk: Chunk) -> Step:
    told = chunk.job.arguments
    outcome = release_holds(_ids(chunk), told["reason"] or None, told["note"], actor=chunk.job.actor, at=chunk.at)
    return Step.of(chunk.rows, outcome)


def _cancel(chunk: Chunk) -> Step:
    wishes = [Cancellation(key, reason=chunk.job.arguments["note"]) for key in _ids(chunk)]
    return Step.of(chunk.rows, cancel(wishes, actor=chunk.job.actor, at=chunk.at))


def _repromise(chunk: Chunk) -> Step:
    outcome = repromise_orders(_ids(chunk), chunk.job.arguments["scope"], actor=chunk.job.actor, at=chunk.at)
    return Step.of(chunk.rows, outcome)


def _ids(chunk: Chunk) -> list[UUID]:
    return [UUID(row.key) for row in chunk.rows]


HOLD = jobs.register(Kind("orders.hold", _hold))
RELEASE = jobs.register(Kind("orders.release", _release))
CANCEL = jobs.register(Kind("orders.cancel", _cancel))
REPROMISE = jobs.register(Kind("orders.repromise", _repromise, rows=20))
