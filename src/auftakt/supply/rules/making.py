"""Pure decisions of making: capacity by day, what loads it when, lead times, what is wrong with drafts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

from auftakt.supply.types import (
    MEASURES,
    OperationDraft,
    OperationFacts,
    ResourceDraft,
    ResourceFacts,
    RoutingDraft,
    WorkDraft,
    WorkFacts,
    WorkFinish,
)
from auftakt.values import Finding

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST = Decimal(100_000)
_LONGEST = 1830
MINUTES = Decimal(60)


def _is_sized(number: Decimal, least: Decimal = Decimal(0), most: Decimal = _MOST) -> bool:
    return number.is_finite() and least <= number <= most and number == round(number, 6)


def resource_findings(draft: ResourceDraft) -> list[Finding]:
    """Everything wrong with a resource that needs no look at the database."""
    found: list[Finding] = []
    if not _CODE.fullmatch(draft.code):
        message = "a resource code is letters, digits, dot, dash or underscore"
        found.append(Finding("resource_code_malformed", message, "/code"))
    if not draft.name.strip() or len(draft.name) > 200:
        found.append(Finding("name_missing", "give the resource a name of up to 200 characters", "/name"))
    if draft.measure not in MEASURES:
        message = f"capacity is counted in one of {', '.join(MEASURES)}, not {draft.measure!r}"
        found.append(Finding("measure_unknown", message, "/measure"))
    if not draft.shifts:
        found.append(Finding("shifts_missing", "give at least one shift; without one nothing is ever made", "/shifts"))
    for index, shift in enumerate(draft.shifts):
        if not _is_sized(shift.capacity) or (draft.measure == "hours" and shift.capacity > 24):
            message = f"the capacity of a shift is zero or more, up to 24 hours, not {shift.capacity}"
            found.append(Finding("capacity_out_of_range", message, f"/shifts/{index}/capacity"))
        if not shift.weekdays or set(shift.weekdays) - set("1234567") or len(set(shift.weekdays)) < len(shift.weekdays):
            message = "weekdays are digits from 1 (Monday) to 7 (Sunday), each once, such as 12345"
            found.append(Finding("weekday_unknown", message, f"/shifts/{index}/weekdays"))
    return found + list(_day_findings(draft))


def _day_findings(draft: ResourceDraft) -> Iterator[Finding]:
    seen: set[date] = set()
    for index, each in enumerate(draft.exceptions):
        if each.day in seen:
            yield Finding("exception_repeated", f"{each.day} is named twice; keep one", f"/exceptions/{index}/day")
        seen.add(each.day)
        if not _is_sized(each.capacity):
            message = f"the capacity of a day is zero or more, not {each.capacity}"
            yield Finding("capacity_out_of_range", message, f"/exceptions/{index}/capacity")
        if len(each.note) > 100:
            yield Finding("exception_note_too_long", "a note has up to 100 characters", f"/exceptions/{index}/note")


def routing_findings(draft: RoutingDraft) -> list[Finding]:
    """Everything wrong with a routing that needs no look at the database."""
    found: list[Finding] = []
    if not 0 <= draft.lead_days <= _LONGEST:
        found.append(Finding("making_time_out_of_range", "the lead time is 0 to 1830 working days", "/lead_days"))
    if not _is_sized(draft.days_per_piece, most=Decimal(_LONGEST)):
        message = "the lead time of a piece is 0 to 1830 working days"
        found.append(Finding("making_time_out_of_range", message, "/days_per_piece"))
    for index, each in enumerate(draft.operations):
        found += _operation_findings(each, f"/operations/{index}")
    return found


def _operation_findings(each: OperationDraft, place: str) -> Iterator[Finding]:
    for name in ("setup_minutes", "run_minutes"):
        if not _is_sized(getattr(each, name)):
            message = f"minutes are zero or more, up to 100,000, not {getattr(each, name)}"
            yield Finding("minutes_out_of_range", message, f"{place}/{name}")
    if len(each.name) > 100:
        yield Finding("name_too_long", "an operation's name has up to 100 characters", f"{place}/name")


def work_findings(draft: WorkDraft) -> list[Finding]:
    """Everything wrong with a work order that needs no look at the database."""
    found: list[Finding] = []
    if len(draft.number.strip()) > 64:
        found.append(Finding("number_too_long", "a work order number has up to 64 characters", "/number"))
    if len(draft.note) > 300:
        found.append(Finding("note_too_long", "a note has up to 300 characters", "/note"))
    if draft.due_on is not None and draft.due_on < draft.starts_on:
        message = f"due on {draft.due_on}, before it starts on {draft.starts_on}"
        found.append(Finding("due_before_start", message, "/due_on"))
    return found


def lead_time(lead_days: int, days_per_piece: Decimal, quantity: Decimal) -> int:
    """Working days that making a quantity takes, rounded up to whole days."""
    return lead_days + int((days_per_piece * quantity).to_integral_value(rounding=ROUND_CEILING))


def capacity_on(resource: ResourceFacts, day: date, is_working: bool) -> Decimal:
    """The capacity of a resource on a day, in minutes or pieces; `is_working` is what its calendar says."""
    factor = MINUTES if resource.measure == "hours" else Decimal(1)
    for each in resource.exceptions:
        if each.day == day:
            return each.capacity * factor
    if not is_working:
        return Decimal(0)
    weekday = str(day.isoweekday())
    return factor * sum((shift.capacity for shift in resource.shifts if weekday in shift.weekdays), Decimal(0))


def operation_amount(operation: OperationFacts, quantity: Decimal) -> Decimal:
    """What an operation on a quantity takes of its resource: pieces, or minutes to set up and to run."""
    if operation.measure == "pieces":
        return quantity
    return round(operation.setup_minutes + operation.run_minutes * quantity, 6)


def spread(amount: Decimal, first: date, free: Sequence[Decimal]) -> list[tuple[date, Decimal]] | None:
    """Where an amount goes from a day on, as far as each day is free; None when it does not fit into what is told."""
    left, found = amount, []
    for index, room in enumerate(free):
        if left <= 0:
            break
        taken = min(left, room)
        if taken > 0:
            found.append((first + timedelta(index), taken))
            left -= taken
    return found if left <= 0 else None


def finish_finding(work: WorkFacts, finish: WorkFinish) -> Finding | None:
    """Why what came of a work order cannot be booked."""
    if work.state != "started":
        message = f"work order {work.number} is {work.state}; start it first, so that its components are issued"
        return Finding("work_not_started", message, "", {"state": work.state})
    if not work.site_is_open:
        message = f"site {work.site_code} is closed; open it first"
        return Finding("site_closed", message, "", {"site": work.site_code})
    return _uncounted(work, finish) or _too_many(work, finish)


def _uncounted(work: WorkFacts, finish: WorkFinish) -> Finding | None:
    for number, where in ((finish.quantity, "/quantity"), (finish.scrap, "/scrap")):
        if not number.is_finite() or number < 0:
            return Finding("quantity_negative", "good pieces and scrap are zero or more", where)
        if number != round(number, work.decimals):
            return Finding("quantity_fractional", f"{plain(number)} {work.unit} cannot be counted", where)
    return None


def _too_many(work: WorkFacts, finish: WorkFinish) -> Finding | None:
    place = "/quantity"
    total = finish.quantity + finish.scrap
    if total <= 0:
        return Finding("quantity_not_positive", "say how many came, good or scrapped", place)
    if total > work.open:
        message = f"{plain(total)} is more than the {plain(work.open)} {work.unit} open on {work.number}"
        return Finding("more_than_open", message, place, {"open": plain(work.open)})
    if work.promised > work.open - finish.scrap:
        return promised_finding(work, work.open - finish.scrap)
    return None


def promised_finding(work: WorkFacts, left: Decimal) -> Finding:
    """Orders hold more of a work order than would be left of it."""
    facts = {"drawn": plain(work.promised), "quantity": plain(left), "bucket_id": str(work.bucket_id)}
    message = (
        f"{plain(work.promised)} {work.unit} of {work.number} are promised and {plain(left)} would be left; "
        "promise those orders anew first"
    )
    return Finding("supply_promised", message, "/quantity", facts)


def unused(required: Decimal, issued: Decimal, work: WorkFacts) -> Decimal:
    """What of an issued component goes back to the shelf when the rest of a work order is not made: its share of the
    pieces that never came, rounded down to what its unit can be split into by the caller."""
    made = work.finished + work.scrapped
    return issued - required * made / work.quantity


def shortages(
    needs: Sequence[tuple[UUID, Mapping[UUID, Decimal]]], free: Mapping[UUID, Decimal]
) -> dict[UUID, dict[UUID, Decimal]]:
    """Of work orders taken one after the other, those whose needs (by bucket or item) what is free does not cover: what
    there was of each that is short."""
    rest = dict(free)
    short: dict[UUID, dict[UUID, Decimal]] = {}
    for key, wanted in needs:
        lacking = {what: rest.get(what, Decimal(0)) for what, much in wanted.items() if rest.get(what, 0) < much}
        if lacking:
            short[key] = lacking
            continue
        for what, much in wanted.items():
            rest[what] -= much
    return short


def plain(number: Decimal) -> str:
    """A number as people write it: without an exponent or trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
