"""Verbs of compliance: the only writers of tax rates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from uuid import UUID

from django.db import transaction

from auftakt.compliance import queries, rules
from auftakt.compliance.types import TaxRateDraft, TaxRateFacts
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import Finding, Outcome, Period, Refusal, new_ids

sql = Statements("auftakt.compliance")
_COLUMNS = ("id", "country", "region", "tax_category", "name", "rate", "valid_from", "valid_to")


@dataclass(slots=True)
class _Rates:
    """The rates there are, as a batch changes them member by member. Same start means the same rate, changed."""

    by_spot: dict[rules.Spot, dict[date | None, TaxRateFacts]] = field(default_factory=dict)
    added: dict[UUID, TaxRateFacts] = field(default_factory=dict)
    changed: dict[UUID, TaxRateFacts] = field(default_factory=dict)

    def take(self, draft: TaxRateDraft, new_id: UUID) -> TaxRateFacts | Finding:
        """The rate as it will stand, or the clash that forbids it."""
        spot = rules.spot(draft.country, draft.region, draft.tax_category)
        others = self.by_spot.setdefault(spot, {})
        span = rules.period(draft.valid_from, draft.valid_to)
        if isinstance(span, Finding):
            return span
        held = [Period(each.valid_from, each.valid_to) for start, each in others.items() if start != draft.valid_from]
        clash = rules.overlap(span, held)
        if clash:
            return clash
        known = others.get(draft.valid_from)
        facts = TaxRateFacts(
            known.id if known else new_id, draft.country, known.region if known else draft.region.strip(),
            draft.tax_category, draft.name.strip(), draft.rate, draft.valid_from, draft.valid_to,
        )  # fmt: skip
        if known is None or facts.id in self.added:
            self.added[facts.id] = facts
        elif facts != known:
            self.changed[facts.id] = facts
        others[draft.valid_from] = facts
        return facts


def save_tax_rates(drafts: Sequence[TaxRateDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add tax rates. One with the start of a known rate changes that rate (so an open end is closed by saying it again
    with a `valid_to`); the same again changes nothing. Done: ids in input order.

    Refusals (subject: the index in the batch): `tax_period_overlaps`, `period_ends_before_it_starts`,
    `rate_out_of_range`, `country_unknown`, `tax_category_missing`, `name_missing`.
    """
    with transaction.atomic(savepoint=False):
        sql.rows("keep_others_out")
        rates = _Rates()
        for known in queries.list_rates(sorted({draft.country for draft in drafts})):
            spot = rules.spot(known.country, known.region, known.tax_category)
            rates.by_spot.setdefault(spot, {})[known.valid_from] = known
        done: list[UUID] = []
        refused: list[Refusal] = []
        for index, (draft, new_id) in enumerate(zip(drafts, new_ids(len(drafts)), strict=True)):
            findings = rules.rate_findings(draft)
            taken = None if findings else rates.take(draft, new_id)
            if isinstance(taken, TaxRateFacts):
                done.append(taken.id)
            else:
                refused.append(Refusal(str(index), (*findings, *((taken,) if taken else ()))))
        _write(rates, actor, at)
    return Outcome(tuple(done), tuple(refused))


def _write(rates: _Rates, actor: str, at: datetime) -> None:
    changed = list(rates.changed.values())
    if changed:
        sql.run(
            "change_rates",
            ids=[each.id for each in changed],
            names=[each.name for each in changed],
            rates=[each.rate for each in changed],
            ends=[each.valid_to for each in changed],
        )
    added = list(rates.added.values())
    rows = [[getattr(each, column) for column in _COLUMNS] for each in added]
    insert_rows("compliance_taxrate", _COLUMNS, rows)
    entries = [
        Entry(
            "tax_rate",
            each.id,
            {
                "country": each.country,
                "region": each.region,
                "tax_category": each.tax_category,
                "rate": each.rate,
                "valid_from": each.valid_from,
                "valid_to": each.valid_to,
            },
        )
        for each in [*added, *changed]
    ]
    journal.write("compliance.tax_rate_saved", entries, actor=actor, at=at)


def load_shipped_rates(*, actor: str, at: datetime) -> Outcome[UUID]:
    """Save the rates that come with the product (`rates.csv`): value added and sales taxes of some countries, with
    their past. Doing it twice changes nothing; a rate changed by hand is set back to what the file says.
    """
    text = (files("auftakt.compliance") / "rates.csv").read_text("utf-8")
    return save_tax_rates(rules.read_rates(text.splitlines()), actor=actor, at=at)
