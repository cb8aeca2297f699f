"""Verbs on what parties are set up with: payment terms and our own companies."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from auftakt.parties import rules
from auftakt.parties.types import LegalEntityDraft, PaymentTermsDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, columns
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.parties")


def _twice(code: str) -> Finding:
    return Finding("code_twice", f"{code!r} is in this batch already.", "/code", {"code": code})


def terms_id(code: str) -> UUID:
    """Payment terms are known by their code; the journal knows them by this id made from it."""
    return uuid5(NAMESPACE_URL, f"auftakt:payment_terms:{code}")


def save_payment_terms(drafts: Sequence[PaymentTermsDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Add or change payment terms by code; the same again changes nothing. Refuses malformed ones with all findings."""
    good: dict[str, PaymentTermsDraft] = {}
    refused: list[Refusal] = []
    for draft in drafts:
        code = draft.code.strip()
        found = rules.terms_findings(draft) + ([_twice(code)] if code in good else [])
        if found:
            refused.append(Refusal(code, tuple(found)))
        else:
            good[code] = draft
    rows = [
        (code, draft.name.strip(), draft.due_days, draft.discount_days, draft.discount_percent, draft.prepaid)
        for code, draft in good.items()
    ]
    codes, names, due, discount_days, percents, prepaid = columns(rows, 6)
    with transaction.atomic():
        written = {
            code
            for (code,) in sql.rows(
                "save_terms", codes=codes, names=names, due=due, discount_days=discount_days, percents=percents,
                prepaid=prepaid,
            )
        }  # fmt: skip
        entries = [
            Entry("payment_terms", terms_id(code), asdict(draft)) for code, draft in good.items() if code in written
        ]
        journal.write("payment_terms.saved", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def save_legal_entities(drafts: Sequence[LegalEntityDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add or change our own companies by code; the same again changes nothing.

    Refuses malformed ones with all findings: address by the country's conventions, currency, IBAN check digits.
    """
    good: dict[str, LegalEntityDraft] = {}
    refused: list[Refusal] = []
    for given in drafts:
        draft, found = rules.normal_entity(given)
        found += [_twice(draft.code)] if draft.code in good else []
        if found:
            refused.append(Refusal(draft.code, tuple(found)))
        else:
            good[draft.code] = draft
    rows = [
        (
            key, draft.code, draft.name, draft.street, draft.postal_code, draft.city, draft.region, draft.country,
            draft.vat_id, draft.email, draft.iban, draft.bank_name, draft.currency, draft.tax_rounding,
        )
        for key, draft in zip(new_ids(len(good)), good.values(), strict=True)
    ]  # fmt: skip
    names = (
        "ids codes names streets postal_codes cities regions countries vat_ids emails ibans banks currencies roundings"
    )
    with transaction.atomic():
        written = sql.rows("save_entities", **dict(zip(names.split(), columns(rows, 14), strict=True)))
        ids = dict(sql.rows("entity_ids", codes=list(good)))
        entries = [Entry("legal_entity", key, asdict(good[code])) for key, code in written]
        journal.write("legal_entity.saved", entries, actor=actor, at=at)
    return Outcome(tuple(ids[code] for code in good), tuple(refused))
