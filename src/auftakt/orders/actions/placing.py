"""A draft on its way into the books: what is known of it so far, and what becomes of each line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from json.encoder import c_make_encoder, encode_basestring
from typing import Any
from uuid import UUID

from auftakt.orders import queries
from auftakt.orders.rules import Difference, Screened, ScreenedLine
from auftakt.orders.types import Captured, ChargeFacts, FulfilmentFacts, LineFacts, OrderDraft, OrderFacts
from auftakt.pricing.types import Component
from auftakt.values import Refusal

ZERO = Decimal(0)


def as_json(value: Any) -> str:
    """A snapshot as JSON text: numbers exact, days in ISO form. Raises ValueError for a float that is no number."""
    return "".join(_chunks(value, 0))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def components(waterfall: Sequence[Component]) -> list[dict[str, str]]:
    """A waterfall as the snapshot that is kept."""
    return [
        {"kind": each.kind, "label": each.label, "source": each.source, "amount": str(each.amount)}
        for each in waterfall
    ]


# The standard library's encoder makes itself anew for every value; this one is made once, as it is called so often.
_chunks = c_make_encoder(None, _plain, encode_basestring, None, ":", ",", False, False, False)


@dataclass(slots=True)
class Standing:
    """An order as it stands before a change."""

    order: OrderFacts
    lines: list[LineFacts] = field(default_factory=list[LineFacts])
    served: dict[UUID, list[FulfilmentFacts]] = field(default_factory=dict[UUID, list[FulfilmentFacts]])
    charges: list[ChargeFacts] = field(default_factory=list[ChargeFacts])


@dataclass(slots=True)
class PlacedLine:
    """A line with its price and the fulfilment lines that serve it."""

    id: UUID
    line_number: int
    screened: ScreenedLine
    before: LineFacts | None
    moves: bool
    list_price: Decimal | None = None
    unit_price: Decimal | None = None
    tax_category: str = ""
    tax_rate: Decimal | None = None
    net: Decimal = ZERO
    tax: Decimal = ZERO
    gross: Decimal = ZERO
    waterfall: Sequence[Any] = ()
    served_by: UUID | None = None
    reserved: Sequence[UUID] = ()

    @property
    def open(self) -> Decimal:
        """What is still to be served: the quantity without what is released, shipped or cancelled."""
        was = self.before
        quantity = self.screened.quantity
        return quantity - was.released - was.shipped - was.cancelled if was else quantity


@dataclass(slots=True)
class Placing:
    """One member of a batch. `before` is the order it changes, if any. `submits`: it is promised and binds."""

    index: int
    subject: str
    draft: OrderDraft
    text: str
    mark: str
    submits: bool
    order_id: UUID
    before: Standing | None = None
    number: str = ""
    received: str | None = None
    screened: Screened | None = None
    difference: Difference | None = None
    bill_to_id: UUID | None = None
    ship_to_id: UUID | None = None
    lines: list[PlacedLine] = field(default_factory=list[PlacedLine])
    charges: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    tax_included: bool = False
    net: Decimal = ZERO
    tax: Decimal = ZERO
    gross: Decimal = ZERO
    credit: Decimal = ZERO
    unpromised: int = 0

    @property
    def stands(self) -> Screened:
        """The screened draft; only asked for after screening."""
        assert self.screened is not None
        return self.screened

    @property
    def state(self) -> str:
        """The state the order is in afterwards."""
        return "submitted" if self.submits else "draft"

    @property
    def was_submitted(self) -> bool:
        """Whether this is a new revision of an order that binds already."""
        return self.before is not None and self.before.order.state == "submitted"

    @property
    def revision(self) -> int:
        """The number of the version that this makes."""
        if self.before is None:
            return 1
        return self.before.order.revision + (1 if self.was_submitted else 0)

    def captured(self, result: str) -> Captured:
        """What the caller is told."""
        return Captured(self.index, self.order_id, self.number, result, self.state)


@dataclass(slots=True)
class Placed:
    """What became of a batch: done, refused, or overtaken by somebody who took the same reference a moment before."""

    done: list[Captured] = field(default_factory=list[Captured])
    refused: list[Refusal] = field(default_factory=list[Refusal])
    overtaken: list[Placing] = field(default_factory=list[Placing])


def stand(order_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Orders with lines, fulfilment lines and charges as they stand. The caller has locked them."""
    if not order_ids:
        return {}
    standing = {key: Standing(order) for key, order in queries.orders(order_ids).items()}
    for line in queries.order_lines(order_ids=order_ids).values():
        standing[line.order_id].lines.append(line)
    for piece in queries.fulfilment_lines(order_ids=order_ids).values():
        standing[piece.order_id].served.setdefault(piece.line_id, []).append(piece)
    for key, found in queries.charges(order_ids).items():
        standing[key].charges = found
    return standing
