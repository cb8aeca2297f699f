"""Pure decisions about orders: screening, comparing, counting. No database, no clock."""

from auftakt.orders.rules.alternatives import advised, alternatives, due, mark, slip, wishes
from auftakt.orders.rules.bulk import bulk_finding
from auftakt.orders.rules.cancelling import GivenUp, cancellation_finding, give_up
from auftakt.orders.rules.content import content, fingerprint, is_storable, plain, search_words
from auftakt.orders.rules.progress import STAGES, derive_progress
from auftakt.orders.rules.requests import demand, price_request
from auftakt.orders.rules.revision import Difference, LineChange, as_new, compare, covered, scaled
from auftakt.orders.rules.rounds import Member, in_rounds
from auftakt.orders.rules.screening import Known, Screened, ScreenedLine, screen

__all__ = [
    "STAGES",
    "Difference",
    "GivenUp",
    "Known",
    "LineChange",
    "Member",
    "Screened",
    "ScreenedLine",
    "advised",
    "alternatives",
    "as_new",
    "bulk_finding",
    "cancellation_finding",
    "compare",
    "content",
    "covered",
    "demand",
    "derive_progress",
    "due",
    "fingerprint",
    "give_up",
    "in_rounds",
    "is_storable",
    "mark",
    "plain",
    "price_request",
    "scaled",
    "screen",
    "search_words",
    "slip",
    "wishes",
]
