"""Verbs on credit lines: set, draw, give back. The table's CHECK makes overdrawing impossible; these say why not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.parties import rules
from auftakt.parties.types import CreditClaim, CreditFacts, CreditLimit
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.parties")


def locked_lines(party_ids: Sequence[UUID]) -> dict[UUID, CreditFacts]:
    """Credit lines of the parties, locked in key order until the transaction ends."""
    rows = sql.rows("lock_credit_lines", parties=id_list(list(party_ids)))
    return {row[0]: CreditFacts(*row) for row in rows}


def limit_refusal(wished: CreditFacts, stored: CreditFacts | None) -> Finding | None:
    """Why a limit cannot be set: less than what is drawn, or another currency while something is drawn."""
    if stored is None or stored.drawn == 0:
        return None
    facts = {"limit": str(wished.limit), "drawn": str(stored.drawn), "currency": stored.currency}
    if wished.currency != stored.currency:
        message = f"{stored.drawn} {stored.currency} are drawn; the currency can change when nothing is."
        return Finding("credit_in_use", message, "/currency", facts)
    if wished.limit < stored.drawn:
        message = f"{stored.drawn} {stored.currency} are drawn already; the limit cannot be below that."
        return Finding("credit_limit_below_drawn", message, "/credit_limit", facts)
    return None


def store_limits(
    wished: Mapping[UUID, CreditFacts], stored: Mapping[UUID, CreditFacts], *, actor: str, at: datetime
) -> None:
    """Write the limits that differ from what is stored, and journal them. The lines are locked by the caller."""
    moved = [line for key, line in wished.items() if _terms(line) != _terms(stored.get(key))]
    if not moved:
        return
    sql.run(
        "set_credit_lines",
        parties=[line.party_id for line in moved], currencies=[line.currency for line in moved],
        limits=[line.limit for line in moved],
    )  # fmt: skip
    entries = [
        Entry("party", line.party_id, {"limit": line.limit, "currency": line.currency, "before": _shown(before)})
        for line in moved
        for before in [stored.get(line.party_id)]
    ]
    journal.write("party.credit_limited", entries, actor=actor, at=at)


def _terms(line: CreditFacts | None) -> tuple[str, Decimal] | None:
    return None if line is None else (line.currency, line.limit)


def _shown(line: CreditFacts | None) -> str | None:
    return None if line is None else f"{line.limit} {line.currency}"


def set_credit_limits(limits: Sequence[CreditLimit], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Set or take away credit limits, in each party's own currency. The same limit again changes nothing.

    Refuses `party_unknown`, `credit_limit_invalid`, `credit_limit_below_drawn`, and `credit_in_use` (taken away, or
    the currency changed, while something is drawn).
    """
    refused: list[Refusal] = []
    wished: dict[UUID, CreditFacts] = {}
    ended: list[UUID] = []
    with transaction.atomic():
        ids = [limit.party_id for limit in limits]
        currencies = dict(sql.rows("party_currencies", ids=ids))
        stored = locked_lines(ids)
        for limit in limits:
            currency = currencies.get(limit.party_id)
            before = stored.get(limit.party_id)
            if currency is None:
                message = f"There is no party {limit.party_id}."
                refused.append(Refusal.because(limit.party_id, "party_unknown", message))
            elif limit.limit is None:
                if before and before.drawn:
                    message = f"{before.drawn} {before.currency} are drawn; the limit can go when nothing is."
                    refused.append(Refusal.because(limit.party_id, "credit_in_use", message, drawn=before.drawn))
                else:
                    ended.append(limit.party_id)
            else:
                line = CreditFacts(limit.party_id, currency, limit.limit, Decimal(0))
                found = rules.limit_findings(limit.limit, currency, "/credit_limit")
                barred = None if found else limit_refusal(line, before)
                if found or barred:
                    refused.append(Refusal(str(limit.party_id), (*found, *([barred] if barred else []))))
                else:
                    wished[limit.party_id] = line
        store_limits(wished, stored, actor=actor, at=at)
        _end(ended, stored, actor=actor, at=at)
    barred_ids = {refusal.subject for refusal in refused}
    return Outcome(tuple(key for key in ids if str(key) not in barred_ids), tuple(refused))


def _end(ended: Sequence[UUID], stored: Mapping[UUID, CreditFacts], *, actor: str, at: datetime) -> None:
    gone = [key for key in ended if key in stored]
    if not gone:
        return
    sql.run("delete_settled_draws", parties=gone)
    sql.run("delete_credit_lines", parties=gone)
    entries = [Entry("party", key, {"limit": None, "before": _shown(stored[key])}) for key in gone]
    journal.write("party.credit_limited", entries, actor=actor, at=at)


def _malformed(claim: CreditClaim, line: CreditFacts | None) -> Refusal | None:
    if not claim.amount.is_finite() or claim.amount < 0:
        message = f"{claim.amount} is not an amount of credit; give zero or more."
        return Refusal.because(claim.subject_id, "amount_invalid", message, party=claim.party_id)
    if line is not None and claim.currency != line.currency:
        message = f"The credit line is in {line.currency}, not {claim.currency}; raise a limit in that currency."
        return Refusal.because(
            claim.subject_id, "credit_currency", message, party=claim.party_id, currency=line.currency
        )
    return None


def draw_credit(claims: Sequence[CreditClaim], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Draw amounts from parties' credit lines for subjects, in input order; returns the subjects.

    A party without a credit line is not limited: done, nothing drawn. Drawing again for a subject adds to what it
    holds. Refuses `credit_exhausted` (with limit, drawn, available) and `credit_currency`, for that claim alone.
    """
    done: list[UUID] = []
    refused: list[Refusal] = []
    drawn: list[CreditClaim] = []
    with transaction.atomic(savepoint=False):
        lines = locked_lines([claim.party_id for claim in claims])
        for claim in claims:
            line = lines.get(claim.party_id)
            barred = _malformed(claim, line)
            if barred is None and line is not None and claim.amount > line.available:
                barred = Refusal.because(
                    claim.subject_id, "credit_exhausted",
                    f"{claim.amount} {line.currency} exceed the {line.available} still open of a credit limit of "
                    f"{line.limit}; raise the limit or collect first.",
                    transient=True, party=claim.party_id, amount=claim.amount, limit=line.limit, drawn=line.drawn,
                    available=line.available, currency=line.currency,
                )  # fmt: skip
            if barred is not None:
                refused.append(barred)
                continue
            done.append(claim.subject_id)
            if line is not None and claim.amount:
                lines[claim.party_id] = replace(line, drawn=line.drawn + claim.amount)
                drawn.append(claim)
        if drawn:
            _move(drawn, Decimal(1))
            parties, subjects, amounts = _per_subject(drawn)
            sql.run(
                "hold_credit",
                ids=new_ids(len(parties)), parties=parties, subjects=subjects, amounts=amounts, at=at,
            )  # fmt: skip
            _note("party.credit_drawn", drawn, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def give_back_credit(returns: Sequence[CreditClaim], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give amounts back to parties' credit lines: at most what the subject still holds; returns the subjects.

    A subject that holds nothing, or a party without a line, is done with nothing moved. Refuses `credit_currency`.
    """
    done: list[UUID] = []
    refused: list[Refusal] = []
    given: list[CreditClaim] = []
    with transaction.atomic(savepoint=False):
        lines = locked_lines([claim.party_id for claim in returns])
        rows = sql.rows("read_draws", parties=list(lines), subjects=[claim.subject_id for claim in returns])
        held: dict[tuple[UUID, UUID], Decimal] = {(party, subject): amount for party, subject, amount in rows}
        for claim in returns:
            barred = _malformed(claim, lines.get(claim.party_id))
            if barred is not None:
                refused.append(barred)
                continue
            done.append(claim.subject_id)
            key = (claim.party_id, claim.subject_id)
            amount = min(claim.amount, held.get(key, Decimal(0)))
            if amount:
                held[key] -= amount
                given.append(replace(claim, amount=amount))
        if given:
            _move(given, Decimal(-1))
            parties, subjects, amounts = _per_subject(given)
            sql.run("release_credit", parties=parties, subjects=subjects, amounts=amounts, at=at)
            _note("party.credit_given_back", given, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _move(claims: Sequence[CreditClaim], sign: Decimal) -> None:
    totals: dict[UUID, Decimal] = defaultdict(Decimal)
    for claim in claims:
        totals[claim.party_id] += sign * claim.amount
    sql.run("move_credit", parties=list(totals), amounts=list(totals.values()))


def _per_subject(claims: Sequence[CreditClaim]) -> tuple[list[UUID], list[UUID], list[Decimal]]:
    totals: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for claim in claims:
        totals[claim.party_id, claim.subject_id] += claim.amount
    return [party for party, _ in totals], [subject for _, subject in totals], list(totals.values())


def _note(verb: str, claims: Sequence[CreditClaim], *, actor: str, at: datetime) -> None:
    entries = [
        Entry(
            "party", claim.party_id,
            {"amount": claim.amount, "currency": claim.currency, "order_id": claim.subject_id},
        )
        for claim in claims
    ]  # fmt: skip
    journal.write(verb, entries, actor=actor, at=at)
