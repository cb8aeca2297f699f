"""The ranges in which papers are numbered."""

from collections.abc import Iterable
from uuid import UUID

from auftakt.billing.rules import paper_numbers
from auftakt.billing.types import CREDIT_NOTE, INVOICE, REMINDER
from auftakt.values import NumberRange


def paper_ranges(entities: Iterable[tuple[UUID, str]]) -> list[tuple[str, str, NumberRange]]:
    """Kind, code of the legal entity (id, code), and the range as it comes unchanged."""
    return [
        (kind, code, paper_numbers(kind, entity_id, code))
        for entity_id, code in entities
        for kind in (INVOICE, CREDIT_NOTE, REMINDER)
    ]
