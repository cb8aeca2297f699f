"""An order in a sentence, and what may be done with it: what is not possible says why."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from auftakt.console import formats, words

ZERO = Decimal(0)
ENDED = ("closed", "cancelled")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A part of the summary: what it is about (an icon), how it stands (a tone), what it says."""

    icon: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done with an order: possible when `why_not` is empty."""

    key: str
    why_not: str = ""


def summary(page: Any, *, today: date, sees_money: bool) -> list[Sentence]:
    """The order in two or three sentences: what left, when the rest comes, what is owed."""
    head = page.head
    if head.state == "draft":
        text = _("A draft: nothing is promised or held for it until it is submitted.")
        return [Sentence("pencil", "rest", text)]
    if head.state == "cancelled":
        return [Sentence("close", "rest", _("Cancelled: nothing of it will come."))]
    said = [
        Sentence("pause", "warn", _("On hold (%(why)s): nothing leaves until the hold is released.") % {"why": why})
        for hold in page.holds
        if hold.released_at is None and (why := words.word(hold.reason_code))
    ]
    said += _goods(page, today)
    if sees_money:
        said += _money(page)
    return [replace(each, text=each.text.replace("..", ".").replace(".,", ",")) for each in said]


def _goods(page: Any, today: date) -> list[Sentence]:
    sums = page.sums
    if not sums.coming:
        return [_arrived(page)]
    if not sums.left:
        first = _("Nothing has left yet")
    elif sums.units > 1 or sums.fractional:
        first = ngettext(
            "%(left)s of %(all)s line has left", "%(left)s of %(all)s lines have left", sums.lines_wanted
        ) % {"left": formats.number(sums.lines_left), "all": formats.number(sums.lines_wanted)}
    else:
        first = ngettext(
            "%(left)s of %(all)s piece has left", "%(left)s of %(all)s pieces have left", int(sums.wanted)
        ) % {"left": formats.number(sums.left), "all": formats.number(sums.wanted)}
    return [Sentence("truck", *_rest(page, first, today))]


def _arrived(page: Any) -> Sentence:
    goods = [row for row in page.shipments if row.kind == "goods"]
    delivered = [row.delivered_at for row in goods if row.delivered_at]
    if goods and len(delivered) == len(goods):
        return Sentence("check", "ok", _("Everything has arrived, the last on %(day)s.")
                        % {"day": formats.short_day(max(delivered).date())})  # fmt: skip
    if any(row.state == "lost" for row in goods):
        return Sentence("warning", "bad", _("Everything has left, but a parcel is lost."))
    if goods:
        due = page.sums.due_on
        if due:
            text = _("Everything has left and is due on %(day)s.") % {"day": formats.short_day(due)}
            return Sentence("truck", "ok", text)
    return Sentence("check", "ok", _("Everything has left."))


def _rest(page: Any, first: str, today: date) -> tuple[str, str]:
    """The tone, and the sentence: what left, and when the rest is there."""
    sums = page.sums
    days = [day for day in dict.fromkeys((sums.first_on, sums.last_on)) if day]
    what = _("the rest") if sums.left else _("all of it")
    if not days:
        text = _("%(first)s; there is no date yet for %(what)s.")
        return "bad", text % {"first": first, "what": what}
    if len(days) == 1:
        text = _("%(first)s; %(what)s arrives on %(day)s") % {
            "first": first, "what": what, "day": formats.short_day(days[0]),
        }  # fmt: skip
    else:
        text = _("%(first)s; %(what)s arrives between %(day)s and %(last)s") % {
            "first": first, "what": what, "day": formats.short_day(days[0]), "last": formats.short_day(days[-1]),
        }  # fmt: skip
    if sums.undated:
        return "bad", f"{text}, {_('but a part has no date yet.')}"
    if days[0] < today:
        return "bad", f"{text}: {_('that is late.')}"
    wished = page.head.requested_arrival_on
    if wished and days[-1] > wished:
        return "warn", f"{text}, {_('wanted by %(day)s.') % {'day': formats.short_day(wished)}}"
    return "info", f"{text}."


def _money(page: Any) -> list[Sentence]:
    invoices = [row for row in page.invoices if row.kind == "invoice"]
    if not invoices:
        return []
    currency = page.head.currency
    owed = [row for row in invoices if row.gross > row.paid + row.credited]
    amount = formats.money(sum((row.gross - row.paid - row.credited for row in owed), ZERO), currency)
    if any(row.standing == "overdue" for row in owed):
        due = min(row.due_on for row in owed)
        text = _("%(amount)s open, overdue since %(day)s.") % {"amount": amount, "day": formats.short_day(due)}
        return [Sentence("payment", "bad", text)]
    if owed:
        due = min(row.due_on for row in owed)
        text = _("%(amount)s open, due on %(day)s.") % {"amount": amount, "day": formats.short_day(due)}
        return [Sentence("payment", "info", text)]
    if page.sums.coming:
        return [Sentence("payment", "ok", _("What was invoiced is paid."))]
    return [Sentence("payment", "ok", _("Everything is paid."))]


def deeds(page: Any, may: dict[str, bool]) -> dict[str, Deed]:
    """What may be done with the order by who may do it, each with the reason when it cannot be done now."""
    head = page.head
    found: dict[str, Deed] = {}
    if may["edit"]:
        found["edit"] = Deed("edit", _("a closed order stays as it is: copy it") if head.state == "closed" else
                             _("it is cancelled: copy it") if head.state == "cancelled" else "")  # fmt: skip
    if may["hold"]:
        found["hold"] = Deed("hold", _why_not_hold(page))
    if may["cancel"]:
        found["cancel"] = Deed("cancel", _why_not_cancel(page))
    if may["confirm"]:
        found["confirm"] = Deed("confirm", "" if head.submitted_at else _("a draft is not confirmed: submit it first"))
    return found


def _why_not_hold(page: Any) -> str:
    if page.head.state == "closed":
        return _("the order is closed")
    if page.head.state == "cancelled":
        return _("the order is cancelled")
    if any(hold.released_at is None for hold in page.holds):
        return _("it is on hold already")
    if page.head.state == "submitted" and not page.sums.unfinished:
        return _("everything has left")
    return ""


def _why_not_cancel(page: Any) -> str:
    if page.head.state == "closed":
        return _("the order is closed")
    if page.head.state == "cancelled":
        return _("it is cancelled already")
    if page.head.state == "draft" or page.sums.open:
        return ""
    if page.sums.released:
        return _("what has not left is with the warehouse: recall it there first")
    return _("everything has left")
