"""Working calendars: the list, the form, and a year at a glance."""

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from auftakt.console import formats
from auftakt.console.countries import countries, country
from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.forms import CodeField, DayField, Section
from auftakt.console.lists.making import CALENDARS, weekdays
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.inventory import actions, queries
from auftakt.inventory.types import CalendarDraft, CalendarException, CalendarFacts
from auftakt.values import Outcome

DAYS = tuple(f"day_{number}" for number in range(1, 8))


class CalendarForm(forms.Form):
    """A working calendar."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    day_1 = forms.BooleanField(label=gettext_lazy("Monday"), required=False)
    day_2 = forms.BooleanField(label=gettext_lazy("Tuesday"), required=False)
    day_3 = forms.BooleanField(label=gettext_lazy("Wednesday"), required=False)
    day_4 = forms.BooleanField(label=gettext_lazy("Thursday"), required=False)
    day_5 = forms.BooleanField(label=gettext_lazy("Friday"), required=False)
    day_6 = forms.BooleanField(label=gettext_lazy("Saturday"), required=False)
    day_7 = forms.BooleanField(label=gettext_lazy("Sunday"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)
    subdivision = forms.CharField(
        label=gettext_lazy("State or province"),
        max_length=16,
        required=False,
        help_text=gettext_lazy("Its short name, such as BY or BE. Empty: only what holds in the whole country."),
    )

    sections = (
        Section("", "code:w4 name:w8"),
        Section(gettext_lazy("Work is done on"), " ".join(f"{name}:w3" for name in DAYS)),
        Section(gettext_lazy("Public holidays"), "country:w8 subdivision:w4"),
        Section(
            gettext_lazy("Exceptions"),
            rows="exceptions",
            note=gettext_lazy("days off, and days on which work is done all the same"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = queries.holiday_regions()
        self.fields["country"].choices = [
            ("", _("none")),
            *((code, name) for code, name in countries() if code in known),
        ]


class ExceptionForm(forms.Form):
    """A day that is an exception."""

    day = DayField(label=gettext_lazy("Day"), required=True)
    kind = forms.ChoiceField(label=gettext_lazy("It is"), required=False, initial="off")
    note = forms.CharField(label=gettext_lazy("Note"), max_length=100, required=False)

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from."""
        return {"kind": [("off", _("a day off")), ("work", _("a working day"))]}


def _calendar(code: str) -> dict[str, Any] | None:
    found = queries.calendars().get(code)
    if found is None:
        return None
    return {
        "id": found.id,
        "code": found.code,
        "name": found.name,
        "country": found.country,
        "subdivision": found.subdivision,
        **{name: str(number) in found.weekdays for number, name in enumerate(DAYS, 1)},
        "exceptions": [
            {"day": each.day, "kind": "work" if each.is_working else "off", "note": each.note}
            for each in found.exceptions
        ],
    }


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    draft = CalendarDraft(
        values["code"],
        values["name"],
        "".join(str(number) for number, name in enumerate(DAYS, 1) if values[name]),
        values["country"],
        values["subdivision"].strip().upper() if values["country"] else "",
        tuple(CalendarException(row["day"], row["kind"] == "work", row["note"]) for row in values["exceptions"]),
    )
    return actions.save_calendars([draft], actor=actor, at=at)


def _done(values: Any) -> str:
    return reverse("console:calendar", args=[queries.calendars()[values["code"]].id])


CALENDAR = Datum(
    "calendar",
    CalendarForm,
    _calendar,
    _save,
    "calendars",
    gettext_lazy("Working calendars"),
    gettext_lazy("New calendar"),
    rows={"exceptions": (ExceptionForm, gettext_lazy("Exceptions"))},
    initial={"country": "DE", **dict.fromkeys(DAYS[:5], True)},
    done=_done,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the year: its number, what it is, and why."""

    number: int
    tone: str
    told: str


def year_of(calendar: CalendarFacts, year: int, today: date) -> list[tuple[str, list[list[Cell | None]]]]:
    """The months of a year, week by week from Monday: what each day is."""
    first = date(year, 1, 1)
    flags = queries.working_flags(calendar, first, date(year, 12, 31))
    language = (get_language() or "en").partition("-")[0]
    holidays = queries.public_holidays(calendar.country, calendar.subdivision, year, language)
    exceptions = {each.day: each for each in calendar.exceptions}

    def cell(day: date) -> Cell:
        works = bool(flags[(day - first).days])
        why = exceptions[day].note if day in exceptions else holidays.get(day, "")
        tone = "extra" if day in exceptions else "holiday" if day in holidays else "work" if works else "off"
        if day in exceptions and not works:
            tone = "closed"
        told = f"{formats.short_day(day)}: {_('working day') if works else _('day off')}{f' · {why}' if why else ''}"
        return Cell(day.day, f"{tone} is-today" if day == today else tone, told)

    found: list[tuple[str, list[list[Cell | None]]]] = []
    for month in range(1, 13):
        weeks = months.Calendar().monthdatescalendar(year, month)
        rows = [[cell(day) if day.month == month else None for day in week] for week in weeks]
        found.append((formats.month_name(date(year, month, 1)), rows))
    return found


def calendar_or_404(calendar_id: UUID) -> CalendarFacts:
    """The calendar that a page is about."""
    found = next((each for each in queries.calendars().values() if each.id == calendar_id), None)
    if found is None:
        raise Http404
    return found


@needs("stock.view")
def calendars(request: HttpRequest) -> HttpResponse:
    """The working calendars."""
    return listing(request, CALENDARS, new="calendar_new", title=CALENDAR.new, rule="sites.edit")


@needs("stock.view")
def calendar(request: HttpRequest, calendar_id: UUID) -> HttpResponse:
    """A calendar, a year at a glance."""
    found, today = calendar_or_404(calendar_id), edge(request).today
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and 1990 <= int(text) <= 2090 else today.year
    last = date(year, 12, 31)
    holidays = queries.public_holidays(
        found.country, found.subdivision, year, (get_language() or "en").partition("-")[0]
    )
    context = {
        "calendar": found,
        "year": year,
        "before": year - 1 if year > 1990 else None,
        "after": year + 1 if year < 2090 else None,
        "months": year_of(found, year, today),
        "names": [name[:2] for name in formats.weekday_names()],
        "weekdays": weekdays(found.weekdays),
        "place": f"{country(found.country)} ({found.subdivision})" if found.subdivision else country(found.country),
        "count": int(queries.working_flags(found, date(year, 1, 1), last).sum()),
        "holidays": list(holidays.items()),
        "exceptions": [each for each in found.exceptions if each.day.year == year],
        "next": queries.next_working_day(found, today + timedelta(1)),
    }
    return render(request, "console/calendar.html", context)


@needs("sites.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A new calendar."""
    return create(request, CALENDAR)


@needs("sites.edit")
def edit(request: HttpRequest, calendar_id: UUID) -> HttpResponse:
    """Change a calendar."""
    return change(request, CALENDAR, calendar_or_404(calendar_id).code)
