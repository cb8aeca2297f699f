"""Verbs of parties: cards with addresses and contacts, credit, payment terms, our own companies."""

from auftakt.parties.actions.credit import draw_credit, give_back_credit, set_credit_limits
from auftakt.parties.actions.notes import add_notes, remove_notes
from auftakt.parties.actions.save import block_parties, save_addresses, save_parties, unblock_parties
from auftakt.parties.actions.settings import save_legal_entities, save_payment_terms, terms_id

__all__ = [
    "add_notes",
    "block_parties",
    "draw_credit",
    "give_back_credit",
    "remove_notes",
    "save_addresses",
    "save_legal_entities",
    "save_parties",
    "save_payment_terms",
    "set_credit_limits",
    "terms_id",
    "unblock_parties",
]
