"""What cannot be right in a sourcing rule or an assignment, seen without a look at the database."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from babel import Locale

from auftakt.supply.rules.sourcing import circle, told_round, ways
from auftakt.supply.rules.terms import CURRENCIES
from auftakt.supply.types import (
    ORDER_CHOICES,
    PROMISING_MODES,
    SOURCE_KINDS,
    SUPPLY_COUNTED,
    AssignmentDraft,
    PromisingTerms,
    Source,
    SourcingDraft,
)
from auftakt.values import Finding

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COUNTRIES = frozenset(str(code) for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", str(code)))
_LONGEST = 3650
_DEAREST = Decimal(10) ** 9
_MOST_SOURCES = 100
_NO_PLACE = frozenset({"EU", "UN", "EZ", "ZZ"})


def rule_findings(draft: SourcingDraft) -> list[Finding]:
    """Everything wrong with a rule's draft by itself, each at its place."""
    found: list[Finding] = []
    if not _CODE.fullmatch(draft.code):
        message = "a rule's code is letters, digits, dot, dash or underscore, up to 64 of them"
        found.append(Finding("rule_code_malformed", message, "/code"))
    if not draft.name.strip() or len(draft.name.strip()) > 200:
        found.append(Finding("name_missing", "give the rule a name of up to 200 characters", "/name"))
    if not draft.sources and draft.terms.mode != "lead_time":
        message = "name at least one source; only a rule that promises by lead time alone needs none"
        found.append(Finding("sources_missing", message, "/sources"))
    if len(draft.sources) > _MOST_SOURCES:
        found.append(Finding("sources_too_many", f"a rule has up to {_MOST_SOURCES} sources", "/sources"))
        return found
    for index, source in enumerate(draft.sources):
        found += _source_findings(source, f"/sources/{index}")
    found += _terms_findings(draft.terms)
    return found or [*_repeated(draft.sources), *_shares(draft.sources), *_circles(draft)]


def _source_findings(source: Source, place: str) -> Iterator[Finding]:
    if source.kind not in SOURCE_KINDS:
        message = f"a source is one of {', '.join(SOURCE_KINDS)}, not {source.kind!r}"
        yield Finding("source_kind_unknown", message, f"{place}/kind", {"kind": source.kind})
        return
    if not 1 <= source.rank <= 1000:
        yield Finding("rank_out_of_range", "the rank is 1 to 1000, 1 is asked first", f"{place}/rank")
    if not source.site and source.kind != "ship":
        yield Finding("site_missing", "name the site that ships to the customer", f"{place}/site")
    yield from _way_findings(source, place)
    share = source.share
    if not (share.is_finite() and 0 < share <= 100 and share == round(share, 2)):
        message = f"a share is more than 0 and up to 100 %, with two decimals, not {share}"
        yield Finding("share_out_of_range", message, f"{place}/share")
    if source.transfer_days is not None and not 0 <= source.transfer_days <= 365:
        yield Finding("days_out_of_range", "a transfer takes 0 to 365 days", f"{place}/transfer_days")
    if source.valid_from and source.valid_until and source.valid_until < source.valid_from:
        message = f"valid until {source.valid_until}, before it is valid from {source.valid_from}"
        yield Finding("validity_reversed", message, f"{place}/valid_until")


def _way_findings(source: Source, place: str) -> Iterator[Finding]:
    """A source without a way to the customer, or with more of a way than its kind has."""
    if source.kind == "transfer":
        if not source.from_site:
            yield Finding("source_without_way", "say which site it is transferred from", f"{place}/from_site")
        elif source.from_site == source.site:
            message = f"{source.site} cannot send a transfer to itself; name another site"
            yield Finding("source_without_way", message, f"{place}/from_site", {"site": source.site})
    elif source.from_site or source.transfer_days is not None:
        field = "from_site" if source.from_site else "transfer_days"
        yield Finding("source_detail_unused", "only a transfer comes from another site", f"{place}/{field}")
    if source.kind in ("buy", "drop_ship"):
        if not source.supplier:
            yield Finding("source_without_way", "say which supplier it comes from", f"{place}/supplier")
    elif source.supplier:
        message = "only what is bought or shipped direct comes from a supplier"
        yield Finding("source_detail_unused", message, f"{place}/supplier")


def _together(mine: Source, other: Source) -> bool:
    first = max(mine.valid_from or date.min, other.valid_from or date.min)
    return first <= min(mine.valid_until or date.max, other.valid_until or date.max)


def _repeated(sources: Sequence[Source]) -> Iterator[Finding]:
    for index, later in enumerate(sources):
        for number, earlier in enumerate(sources[:index]):
            mine = (later.kind, later.site, later.from_site, later.supplier)
            if mine == (earlier.kind, earlier.site, earlier.from_site, earlier.supplier) and _together(later, earlier):
                message = f"sources {number + 1} and {index + 1} are the same on the same days; keep one"
                yield Finding("source_repeated", message, f"/sources/{index}", {"with": f"/sources/{number}"})
                break


def _shares(sources: Sequence[Source]) -> Iterator[Finding]:
    """Shares of the sources of one rank that are more than everything, on some day."""
    told: set[int] = set()
    for index, source in enumerate(sources):
        day = source.valid_from or date.min
        same = [each for each in sources if each.rank == source.rank and each.holds(day)]
        total = sum((each.share for each in same), Decimal(0))
        if total > 100 and source.rank not in told:
            told.add(source.rank)
            message = (
                f"the {len(same)} sources of rank {source.rank} have shares of {total.normalize():f} % together; "
                "lower them to 100 %, or give the sources different ranks"
            )
            facts = {"rank": str(source.rank), "total": f"{total.normalize():f}", "sources": str(len(same))}
            yield Finding("shares_over_100", message, f"/sources/{index}/share", facts)


def _circles(draft: SourcingDraft) -> Iterator[Finding]:
    if trip := circle(ways(draft.code, draft.sources)):
        way = ", ".join([*(each.from_site for each in trip), trip[0].from_site])
        last = next(
            index
            for index, each in reversed(list(enumerate(draft.sources)))
            if any((each.kind, each.from_site, each.site) == ("transfer", way.from_site, way.to_site) for way in trip)
        )
        message = f"goods would go round in a circle: {told_round(trip)}"
        yield Finding("sourcing_cycle", message, f"/sources/{last}/from_site", {"way": way, "rules": draft.code})


def _terms_findings(terms: PromisingTerms) -> Iterator[Finding]:
    if terms.mode not in PROMISING_MODES:
        message = f"the mode is one of {', '.join(PROMISING_MODES)}, not {terms.mode!r}"
        yield Finding("promising_mode_unknown", message, "/terms/mode", {"mode": terms.mode})
    for index, kind in enumerate(terms.counts):
        if kind not in SUPPLY_COUNTED or kind in terms.counts[:index]:
            message = f"supply that counts is each of {', '.join(SUPPLY_COUNTED)} once, not {kind!r}"
            yield Finding("supply_kind_unknown", message, "/terms/counts", {"kind": kind})
    if terms.choice not in ORDER_CHOICES:
        message = f"the choice is one of {', '.join(ORDER_CHOICES)}, not {terms.choice!r}"
        yield Finding("order_choice_unknown", message, "/terms/choice", {"choice": terms.choice})
    fields = {
        "past_due_days": 0, "infinite_after_days": 1, "horizon_days": 1, "make_first_after_days": 0, "lead_days": 0,
        "service_floor_days": 0,
    }  # fmt: skip
    for name, least in fields.items():
        days: int | None = getattr(terms, name)
        if days is not None and not least <= days <= _LONGEST:
            message = f"{name.replace('_', ' ')}: {least} to {_LONGEST} days, not {days}"
            yield Finding("days_out_of_range", message, f"/terms/{name}", {"least": str(least), "most": str(_LONGEST)})
    for name in ("late_cost_per_day", "split_cost"):
        cost: Decimal = getattr(terms, name)
        if not (cost.is_finite() and 0 <= cost < _DEAREST and cost == round(cost, 6)):
            message = f"{name.replace('_', ' ')} is zero or more, not {cost}"
            yield Finding("cost_out_of_range", message, f"/terms/{name}")
    if terms.currency not in CURRENCIES:
        message = f"currency {terms.currency!r} is unknown; use the three letters of ISO 4217, such as EUR"
        yield Finding("currency_unknown", message, "/terms/currency", {"currency": terms.currency})


def assignment_findings(draft: AssignmentDraft) -> list[Finding]:
    """Everything wrong with an assignment by itself."""
    scope = draft.scope
    found: list[Finding] = []
    for names, what in (
        (("sku", "category", "brand"), "an item, a category or a brand"),
        (("customer", "segment", "demand_class"), "a customer, a segment or a demand class"),
    ):
        given = [name for name in names if getattr(scope, name)]
        if len(given) > 1:
            found.append(Finding("scope_ambiguous", f"name {what}, not several of them", f"/scope/{given[1]}"))
    if scope.country and (scope.country not in _COUNTRIES or scope.country in _NO_PLACE):
        message = f"country {scope.country!r} is unknown; use the two letters of ISO 3166, such as DE"
        found.append(Finding("country_unknown", message, "/scope/country", {"country": scope.country}))
    if scope.region and not scope.country:
        found.append(Finding("country_missing", "a region needs its country", "/scope/country"))
    for name, most in (("segment", 64), ("demand_class", 64), ("channel", 64), ("region", 100)):
        if len(getattr(scope, name)) > most:
            message = f"the {name.replace('_', ' ')} has up to {most} characters"
            found.append(Finding("text_too_long", message, f"/scope/{name}"))
    return found
