"""Pure decisions of compliance: what makes a tax rate wrong, and which periods clash."""

import csv
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from auftakt.compliance.types import TaxRateDraft
from auftakt.values import Finding, Period

_COUNTRY = re.compile(r"[A-Z]{2}")

Spot = tuple[str, str, str]
"""Country, region in capitals, tax category: what one rate is in force for at a time."""


def spot(country: str, region: str, tax_category: str) -> Spot:
    """What a rate is for. Regions are compared without regard to case."""
    return country, region.strip().upper(), tax_category


def period(valid_from: date | None, valid_to: date | None) -> Period | Finding:
    """The days a rate is in force, or why there are none."""
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        message = f"the rate ends on {valid_to}, before it starts on {valid_from}"
        return Finding("period_ends_before_it_starts", message, "/valid_to")
    return Period(valid_from, valid_to)


def rate_findings(draft: TaxRateDraft) -> list[Finding]:
    """Everything wrong with a tax rate's draft by itself."""
    found: list[Finding] = []
    if not _COUNTRY.fullmatch(draft.country):
        message = f"country {draft.country!r} is unknown; use the two letters of ISO 3166, such as DE"
        found.append(Finding("country_unknown", message, "/country"))
    if not draft.tax_category.strip():
        found.append(Finding("tax_category_missing", "name the tax category, such as standard", "/tax_category"))
    if not draft.name.strip():
        found.append(Finding("name_missing", "say what the tax is called, such as VAT", "/name"))
    if not (draft.rate.is_finite() and 0 <= draft.rate <= 100):
        message = f"a tax rate is a percentage from 0 to 100, not {draft.rate}"
        found.append(Finding("rate_out_of_range", message, "/rate", {"rate": str(draft.rate)}))
    span = period(draft.valid_from, draft.valid_to)
    if isinstance(span, Finding):
        found.append(span)
    return found


def overlap(span: Period, others: Iterable[Period]) -> Finding | None:
    """The clash of a rate's period with one of the others in force for the same."""
    for other in others:
        if span.overlaps(other):
            message = (
                f"{said(span)} overlaps a rate in force {said(other)}; give that one an end first"
                " (save it again with its own start and a valid_to)"
            )
            return Finding("tax_period_overlaps", message, "/valid_from", {"other": said(other)})
    return None


def said(span: Period) -> str:
    """A period in words."""
    start = f"from {span.start}" if span.start else "from always"
    return f"{start} until {span.end}" if span.end else start


def read_rates(lines: Iterable[str]) -> list[TaxRateDraft]:
    """Drafts from CSV with the header country,region,tax_category,name,rate,valid_from,valid_to."""

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    return [
        TaxRateDraft(
            row["country"],
            row["tax_category"],
            row["name"],
            Decimal(row["rate"]),
            row["region"],
            day(row["valid_from"]),
            day(row["valid_to"]),
        )
        for row in csv.DictReader(lines)
    ]
