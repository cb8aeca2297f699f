"""The order entry form: reading what was typed, and typing what is stored.

Up to 200 lines stand in the form as fields. Of longer orders a window stands there, and the rest is posted as data:
`lines_before` and `lines_after`, lists of rows with the values of LINE_FIELDS.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from auftakt.console import formats
from auftakt.console.findings import spoken
from auftakt.console.outcomes import day_of, ids
from auftakt.identity.queries import may
from auftakt.orders.types import PAYMENT_METHODS, LineDraft, OrderDraft
from auftakt.pricing.types import ManualAdjustment
from auftakt.values import Finding

CHANNELS = ("console", "phone", "field")
SOURCE = "console"
LINE_FIELDS = ("key", "external", "sku", "quantity", "unit", "percent", "reason")
MOST_LINES = 20_000
"""An order takes as many lines from the form."""
WHOLE, WINDOW = 200, 100
"""As many lines stand in the form; of more, a window of as many."""
LONGEST = 200
Line = dict[str, str]


def typed_lines(data: QueryDict) -> list[Line]:
    """All lines of the form in their order, without the empty ones."""
    shown = [
        dict(zip(LINE_FIELDS, row, strict=True))
        for row in zip(*(data.getlist(name) for name in LINE_FIELDS), strict=False)
    ]
    lines = [*_kept(data.get("lines_before", "")), *shown, *_kept(data.get("lines_after", ""))]
    return [line for line in lines if line["sku"].strip() or line["quantity"].strip()]


def _kept(text: str) -> list[Line]:
    """Lines posted as data; what is none of ours is left out."""
    try:
        rows = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return []
    if not isinstance(rows, list):
        return []
    return [
        dict(zip(LINE_FIELDS, (str(value)[:LONGEST] for value in row), strict=True))
        for row in rows
        if isinstance(row, list) and len(row) == len(LINE_FIELDS)
    ]


def typed_values(data: QueryDict) -> dict[str, Any]:
    """The head of the form as it was typed, to be shown again."""
    return data.dict() | {name: name in data for name in ("split_dates", "split_sites", "send_confirmation")}


def parsed(request: HttpRequest, lines: Sequence[Line], reference: str) -> tuple[OrderDraft, list[Finding]]:
    """The draft that the form describes, and what of it could not be read."""
    data, unread = request.POST, list[Finding]()
    adjusts = may(request.user.roles, "orders.adjust_price")
    drafts = [_line(line, at, request.user.email if adjusts else "", unread) for at, line in enumerate(lines)]
    if len(drafts) > MOST_LINES:
        text = _("An order takes %(most)s lines at most; these are %(count)s. Divide it.")
        facts = {"most": formats.number(MOST_LINES), "count": formats.number(len(drafts))}
        unread.append(Finding("too_many_lines", text % facts, "/lines"))
    bill, ship = ids([data.get("bill_to", "")]), ids([data.get("ship_to", "")])
    draft = OrderDraft(
        source_system=SOURCE,
        external_reference=reference,
        customer_number=data.get("customer", "").strip() or data.get("customer_text", "").strip(),
        lines=tuple(drafts),
        channel=data.get("channel", "console") if data.get("channel") in CHANNELS else "console",
        bill_to_id=bill[0] if bill else None,
        ship_to_id=ship[0] if ship else None,
        payment_method=data.get("payment_method", "") if data.get("payment_method") in PAYMENT_METHODS else "",
        customer_reference=data.get("customer_reference", "").strip(),
        requested_arrival_on=day_of(data.get("requested_arrival_on", "")),
        not_before_on=day_of(data.get("not_before_on", "")),
        split_dates="split_dates" in data,
        split_sites="split_sites" in data,
        notes=data.get("notes", "").strip(),
    )
    return draft, unread


def _line(line: Line, at: int, adjuster: str, unread: list[Finding]) -> LineDraft:
    quantity, percent = line["quantity"].strip(), line["percent"].strip()
    number = formats.parse_number(quantity) if quantity else Decimal(1)
    if number is None:
        text = _("“%(text)s” is not a number. Write it like 12 or 1.5.") % {"text": quantity}
        unread.append(Finding("number_unreadable", text, f"/lines/{at}/quantity"))
    off = formats.parse_number(percent) if percent else None
    if percent and off is None:
        text = _("“%(text)s” is not a percentage.") % {"text": percent}
        unread.append(Finding("number_unreadable", text, f"/lines/{at}/manual"))
    manual = None
    if off and adjuster:
        manual = ManualAdjustment("percent", off, line["reason"].strip() or _("Agreed with the customer"), adjuster)
    return LineDraft(
        line["sku"].strip(),
        number if number is not None else Decimal(1),
        line["unit"].strip(),
        line["external"] or f"{SOURCE}-{line['key']}",
        manual=manual,
    )


def line_of(finding: Finding) -> int | None:
    """The position of the line that a finding speaks of, if it speaks of one."""
    parts = finding.place.strip("/").split("/")
    return int(parts[1]) if len(parts) > 1 and parts[0] == "lines" and parts[1].isdigit() else None


def placed(findings: Sequence[Finding], keys: Sequence[str]) -> dict[str, Any]:
    """Findings by their place: those of each line under its key, the rest for the whole order."""
    lines: dict[str, list[str]] = {}
    whole: list[str] = []
    for finding in findings:
        at, text = line_of(finding), spoken(finding)
        if at is not None and at < len(keys):
            lines.setdefault(keys[at], []).append(text)
        elif text not in whole:
            whole.append(text)
    return {"lines": lines, "whole": whole}


def windowed(lines: Sequence[Line], problems: Mapping[str, Any]) -> dict[str, Any]:
    """What of the lines stands in the form: all, or a window that begins with the first line that has a problem."""
    if len(lines) <= WHOLE:
        return {"lines": lines, "lines_before": "", "lines_after": "", "first": 0}
    at = next((at for at, line in enumerate(lines) if line["key"] in problems["lines"]), 0)
    first = at - at % WINDOW
    return {
        "lines": lines[first : first + WINDOW],
        "lines_before": _as_data(lines[:first]),
        "lines_after": _as_data(lines[first + WINDOW :]),
        "first": first,
    }


def _as_data(lines: Sequence[Line]) -> str:
    return json.dumps([[line[name] for name in LINE_FIELDS] for line in lines]) if lines else ""


def unlike_lines(lines: Sequence[Line], problems: Mapping[str, Any], most: int = 20) -> list[dict[str, str]]:
    """The first lines with problems, to jump to."""
    return [
        {"key": line["key"], "place": formats.number(at), "sku": line["sku"], "text": problems["lines"][line["key"]][0]}
        for at, line in enumerate(lines, 1)
        if line["key"] in problems["lines"]
    ][:most]


def stored_values(head: Any) -> dict[str, Any]:
    """The head of a stored order as the form shows it."""
    days = {name: getattr(head, name) for name in ("requested_arrival_on", "not_before_on")}
    same = ("payment_method", "customer_reference", "channel", "split_dates", "split_sites", "notes")
    return {
        "reference": head.external_reference,
        "seen": head.seen,
        "customer": head.customer_number,
        "customer_text": head.customer,
        "bill_to": str(head.bill_to_id),
        "ship_to": str(head.ship_to_id),
        **{name: day.isoformat() if day else "" for name, day in days.items()},
        **{name: getattr(head, name) for name in same},
    }


def stored_line(line: Any) -> Line:
    """A stored line as the form shows it."""
    percent = formats.number(line.manual_value) if line.manual_kind == "percent" else ""
    return {
        "key": str(line.line_number),
        "external": line.external_line_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": formats.number(line.quantity),
        "unit": line.unit,
        "percent": percent,
        "reason": line.manual_reason,
    }


def copied_line(line: Any) -> Line:
    """A line of an earlier order as a new one: what was agreed by hand then is not agreed now."""
    return stored_line(line) | {
        "external": "",
        "percent": "",
        "reason": "",
        "quantity": formats.number(line.quantity - line.cancelled),
    }


def onto(stored: OrderDraft, typed: OrderDraft) -> OrderDraft:
    """The stored order with what the form can change; what it does not show stays as it is."""
    known = {line.external_line_id: line for line in stored.lines}
    lines = tuple(
        replace(
            known[line.external_line_id],
            sku=line.sku,
            quantity=line.quantity,
            unit=line.unit,
            manual=_manual(known[line.external_line_id], line),
        )
        if line.external_line_id in known
        else line
        for line in typed.lines
    )
    names = (
        "bill_to_id",
        "ship_to_id",
        "customer_reference",
        "requested_arrival_on",
        "not_before_on",
        "split_dates",
        "split_sites",
        "notes",
        "channel",
    )
    customer = typed.customer_number or stored.customer_number
    changed = {name: getattr(typed, name) for name in names} | {
        "payment_method": typed.payment_method or stored.payment_method
    }
    if customer != stored.customer_number:
        changed |= {"customer_number": customer, "currency": "", "payment_terms": "", "price_list_code": ""}
    return replace(stored, lines=lines, **changed)


def _manual(stored: LineDraft, typed: LineDraft) -> ManualAdjustment | None:
    """The adjustment as it was, unless the percentage in the form says otherwise."""
    before = stored.manual
    if before is not None and (
        before.kind != "percent" or (typed.manual is not None and typed.manual.value == before.value)
    ):
        return before
    return typed.manual
