"""Customers and suppliers, payment terms, our own companies."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.parties import actions, queries
from auftakt.parties.types import (
    CreditLimit,
    LegalEntityDraft,
    LegalEntityFacts,
    PartyCard,
    PartyDraft,
    PartyFilter,
    PaymentTermsDraft,
    PaymentTermsFacts,
)

router = Router(tags=["parties"])


@dataclass(frozen=True, slots=True)
class CreditLimitWish:
    """How much a party may owe, in its own currency; null takes the limit away."""

    limit: Decimal | None


@operation(router.get, "/parties", needs="parties.view", answers=PartyCard, page=True)
def list_parties(
    caller: Caller, text: Text = "", role: Text = "", segment: Text = "", status: Text = "", cursor: Cursor = "",
    limit: Limit = 50,
) -> Page:  # fmt: skip
    """List customers and suppliers by number. `role` is customer or supplier, `status` active or blocked."""
    after = read_cursor(cursor, str) or ("",)
    rows = queries.list_parties(PartyFilter(text, role, segment, status), after=after[0], limit=limit + 1)
    return cut(rows, limit, lambda row: [row.number])


@operation(router.get, "/parties/{uuid:party_id}", needs="parties.view", answers=PartyCard)
def get_party(caller: Caller, party_id: UUID) -> PartyCard:
    """Get a party with addresses, contacts and credit line."""
    found = queries.party_cards([party_id])
    if party_id not in found:
        raise missing("party", party_id)
    return found[party_id]


saves(
    router, "/parties", name="party", what="Add or change a party by its number.", needs="parties.edit",
    takes=PartyDraft, verb=actions.save_parties,
)  # fmt: skip


@operation(router.post, "/parties/{uuid:party_id}/block", needs="parties.edit", answers=dict[str, str])
def block_party(caller: Caller, party_id: UUID) -> dict[str, str]:
    """Take no more orders from a party, and send none to it."""
    single(actions.block_parties([party_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/parties/{uuid:party_id}/unblock", needs="parties.edit", answers=dict[str, str])
def unblock_party(caller: Caller, party_id: UUID) -> dict[str, str]:
    """Trade with a party again."""
    single(actions.unblock_parties([party_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.put, "/parties/{uuid:party_id}/credit-limit", needs="parties.edit",
    answers=dict[str, str]
)  # fmt: skip
def set_credit_limit(caller: Caller, party_id: UUID, body: CreditLimitWish) -> dict[str, str]:
    """Set or take away how much a party may owe."""
    limits = [CreditLimit(party_id, body.limit)]
    single(actions.set_credit_limits(limits, actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.get, "/payment-terms", needs="parties.view", answers=PaymentTermsFacts, page=True)
def list_payment_terms(caller: Caller) -> Page:
    """List payment terms by code."""
    return Page(list(queries.payment_terms().values()))


saves(
    router, "/payment-terms", name="payment_terms", what="Add or change payment terms by their code.",
    needs="billing.work", takes=PaymentTermsDraft, verb=actions.save_payment_terms,
    subject=lambda draft: draft.code,
)  # fmt: skip


@operation(router.get, "/legal-entities", needs="parties.view", answers=LegalEntityFacts, page=True)
def list_legal_entities(caller: Caller) -> Page:
    """List our own companies by code."""
    return Page(list(queries.legal_entities().values()))


saves(
    router, "/legal-entities", name="legal_entity", what="Add or change a company of ours by its code.",
    needs="policies.edit", takes=LegalEntityDraft, verb=actions.save_legal_entities,
    subject=lambda draft: draft.code,
)  # fmt: skip
