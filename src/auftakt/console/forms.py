"""Forms of master data: fields in the user's notation, rows that repeat, findings at their fields, and one way to save.

`Sheet` holds a form with its rows. It keeps what was typed, puts each finding of a verb at the field it speaks of,
survives a double click, and tells the second of two people what the first one changed.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats
from auftakt.console.findings import spoken
from auftakt.console.meanwhile import Change, Told, alike, changes, plain, seal, told
from auftakt.platform.turns import take_turn
from auftakt.values import Finding, Outcome, Refusal

MOST_ROWS = 500


class CodeField(forms.CharField):
    """A short code that people type."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": 64, "widget": forms.TextInput(attrs={"autocapitalize": "off"})} | kwargs))


class NumberField(forms.Field):
    """A number in the user's notation, within what the database can hold."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": gettext_lazy("This is not a number."),
        "large": gettext_lazy("This number is too large."),
        "negative": gettext_lazy("Give a number of zero or more."),
        "whole": gettext_lazy("Give a whole number."),
    }

    def __init__(self, *, whole: bool = False, least: int | None = 0, **kwargs: Any) -> None:
        self.whole, self.least = whole, least
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "numeric" if whole else "decimal", "autocomplete": "off", "maxlength": 40}

    def prepare_value(self, value: Any) -> Any:
        """A stored number in the user's notation; what was typed stays as it was."""
        return formats.number(value) if isinstance(value, Decimal | int) else value

    def to_python(self, value: Any) -> Decimal | int | None:
        """The typed number."""
        if isinstance(value, Decimal | int):
            return value
        text = str(value or "").strip()
        if not text:
            return None
        number = formats.parse_number(text)
        if number is None:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")
        if abs(number) >= (2_000_000_000 if self.whole else 10**12):
            raise forms.ValidationError(self.error_messages["large"], "large")
        if self.least is not None and number < self.least:
            raise forms.ValidationError(self.error_messages["negative"], "negative")
        if self.whole and number != int(number):
            raise forms.ValidationError(self.error_messages["whole"], "whole")
        return int(number) if self.whole else number

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another number was typed than there was."""
        try:
            return plain(self.to_python(initial)) != plain(self.to_python(data))
        except forms.ValidationError:
            return True


class DayField(forms.DateField):
    """A day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "max": "9999-12-31"}, format="%Y-%m-%d")
        super().__init__(**({"widget": widget, "input_formats": ["%Y-%m-%d"], "required": False} | kwargs))


class LookupInput(forms.TextInput):
    """A text field that asks the server while one types: a combobox."""

    template_name = "console/parts/lookup.html"

    def __init__(self, route: str, attrs: dict[str, Any] | None = None) -> None:
        self.route = route
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The widget with the address that answers."""
        return super().get_context(name, value, attrs) | {"route": f"console:{self.route}"}


def findings_into(form: forms.BaseForm, findings: Sequence[Finding], **names: str) -> None:
    """Put each finding at the field it speaks of (`names`: other names of a verb's places); the rest above the form."""
    for finding in findings:
        place = finding.place.strip("/").split("/")[-1] if finding.place else ""
        name = names.get(place, place)
        form.add_error(name if name in form.fields else None, spoken(finding))


def findings_of(refused: Sequence[Refusal]) -> list[Finding]:
    """Every finding of refusals."""
    return [finding for refusal in refused for finding in refusal.findings]


class Section(NamedTuple):
    """A card of a form: fields with their widths ("code:w4 name:w8"), or the rows of a name."""

    title: Any
    fields: str = ""
    rows: str = ""
    note: Any = ""
    when: str = ""  # shown only while a field has a value: "kind=kit", or one of several: "mode=ctp|ptp"


class Drawn(NamedTuple):
    """A section with its fields, ready for the template."""

    title: Any
    note: Any
    fields: list[tuple[forms.BoundField, str]]
    rows: "Rows | None"
    when: str


def laid_out(form: forms.Form, layout: str) -> list[tuple[forms.BoundField, str]]:
    """The fields of a form in the order of a layout ("code:w4 name:w8"), with their widths."""
    pairs = (text.partition(":") for text in layout.split())
    return [(form[name], width) for name, _colon, width in pairs if name in form.fields]


class Rows:
    """Rows of one small form: the parts of a kit, the addresses of a customer. A row left empty is no row."""

    def __init__(
        self,
        form_class: type[forms.Form],
        prefix: str,
        label: Any,
        *,
        data: Mapping[str, Any] | None = None,
        initial: Sequence[Mapping[str, Any]] = (),
        spare: int = 1,
    ) -> None:
        self.form_class, self.prefix, self.label = form_class, prefix, label
        self.initial = [dict(row) for row in initial]
        self.choices = {
            name: [*choices, *self._stored(name, choices)]
            for name, choices in (form_class.choices() if hasattr(form_class, "choices") else {}).items()
        }
        self.fixed: tuple[str, ...] = getattr(form_class, "fixed", ())
        if data is None:
            self.forms = [self._form(index, initial=row) for index, row in enumerate(self.initial)]
        else:
            bound = [self._form(index, data=data) for index in self._indexes(data)]
            self.forms = [form for form in bound if form.has_changed()]
        stored = {self.key_of(row) for row in self.initial}
        for form in self.forms:
            form.is_stored = bool(self.fixed) and (data is None or self._sent_key(form) in stored)
        first = max((int(str(form.prefix).rpartition("-")[2]) for form in self.forms), default=-1) + 1
        self.spare = [self._form(first + more) for more in range(spare)]
        self.pattern = self._form("__n__")

    def _form(self, index: object, **kwargs: Any) -> forms.Form:
        form = self.form_class(prefix=f"{self.prefix}-{index}", use_required_attribute=False, **kwargs)
        for name, choices in self.choices.items():
            form.fields[name].choices = choices
        return form

    def _stored(self, name: str, choices: Sequence[tuple[str, Any]]) -> list[tuple[str, str]]:
        """What the rows have already and is not among the choices."""
        known = {code for code, _label in choices}
        return [(each, each) for each in sorted({row.get(name) or "" for row in self.initial} - known - {""})]

    def key_of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """What a stored row is known by: its fixed fields as they are shown."""
        shown = (self.form_class.base_fields[name].prepare_value(row.get(name)) for name in self.fixed)
        return tuple("" if each is None else str(each) for each in shown)

    def _sent_key(self, form: forms.Form) -> tuple[str, ...]:
        return tuple(str(form.data.get(form.add_prefix(name), "")).strip() for name in self.fixed)

    def at_key(self, key: str) -> forms.Form | None:
        """The row with a key."""
        return next((form for form in self.forms if form.is_bound and "|".join(self._sent_key(form)) == key), None)

    def _indexes(self, data: Mapping[str, Any]) -> list[int]:
        found = (re.match(rf"{re.escape(self.prefix)}-(\d{{1,6}})-", name) for name in data)
        return sorted({int(match[1]) for match in found if match})[:MOST_ROWS]

    @property
    def as_cards(self) -> bool:
        """Whether each row is a small card (`cards` of its form), as rows with many fields are."""
        return hasattr(self.form_class, "cards")

    @property
    def headings(self) -> list[forms.BoundField]:
        """The fields that have a heading of their own."""
        return list(self.pattern.visible_fields())

    @property
    def errors(self) -> bool:
        """Whether any row has one."""
        return any(form.errors for form in self.forms if form.is_bound)

    @property
    def values(self) -> list[dict[str, Any]]:
        """What the rows say."""
        return [form.cleaned_data for form in self.forms]

    def add_finding(self, index: int, finding: Finding) -> bool:
        """Put a finding at its row; False when there is no such row."""
        if not 0 <= index < len(self.forms):
            return False
        findings_into(self.forms[index], [finding])
        return True


class Sheet:
    """A form with its rows, as it is opened, sent, and saved.

    `now`: the thing as it is in the database, by the names of the form's fields and rows; None when it is new.
    `key`: the field that names it. `subject`: its id in the journal.
    """

    def __init__(
        self,
        request: HttpRequest,
        form_class: type[forms.Form],
        *,
        now: Mapping[str, Any] | None,
        initial: Mapping[str, Any] | None = None,
        rows: Mapping[str, tuple[type[forms.Form], Any]] | None = None,
        key: str = "code",
        subject: UUID | None = None,
    ) -> None:
        self.now, self.key, self.subject = now, key, subject
        self.known = "" if now is None else str(now.get(key) or "")
        self.is_new = now is None
        self.data = request.POST.copy() if request.method == "POST" else None
        self.seen = self.data.get("seen", "") if self.data is not None else ""
        self.told: Told | None = None
        self._build = (form_class, dict(rows or {}), dict(now or initial or {}))
        self._make()

    def _make(self) -> None:
        form_class, rows, shown = self._build
        self.form = form_class(self.data, initial={name: value for name, value in shown.items() if name not in rows})
        self.layout: Sequence[Section] = getattr(self.form, "sections", ())
        self.rows = {
            name: Rows(row_class, name, label, data=self.data, initial=shown.get(name) or ())
            for name, (row_class, label) in rows.items()
        }
        if not self.is_new and self.key in self.form.fields:
            self.form.fields[self.key].disabled = True

    @property
    def is_bound(self) -> bool:
        """Whether the form was sent."""
        return self.data is not None

    @property
    def status(self) -> int:
        """The status of the page that shows it: 409 when somebody else was faster, 422 with errors."""
        if self.told:
            return 409
        return 422 if self.is_bound and (self.form.errors or any(rows.errors for rows in self.rows.values())) else 200

    @property
    def sections(self) -> Iterator[Drawn]:
        """The form as its class lays it out, for `parts/sheet.html`."""
        for section in self.layout:
            fields = laid_out(self.form, section.fields)
            rows = self.rows.get(section.rows)
            if fields or rows is not None:
                yield Drawn(section.title, section.note, fields, rows, section.when)

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong with what was sent."""
        return self.status == 422

    @property
    def seal(self) -> str:
        """For the hidden field `seen`: what this page knows of the thing."""
        if self.is_bound and not self.told:
            return self.seen
        return "" if self.now is None else seal(self._watched(self.now))

    def _watched(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values that the form can change; of rows only the columns that it shows."""
        found = {name: values[name] for name in self.form.fields if name in values and name != "password"}
        for name, rows in self.rows.items():
            shown = rows.form_class.base_fields
            parts = [{each: row.get(each) for each in shown} for row in values.get(name) or ()]
            if rows.fixed:
                found |= {
                    f"{name}:{'|'.join(rows.key_of(row))}": {each: row[each] for each in row if each not in rows.fixed}
                    for row in parts
                }
            else:
                found[name] = sorted(parts, key=lambda row: str(plain(row)))
        return found

    def is_valid(self) -> bool:
        """Whether the form was sent and every field of it can be read."""
        return self.is_bound and self.form.is_valid() and not any(rows.errors for rows in self.rows.values())

    @property
    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {**self.form.cleaned_data, **{name: rows.values for name, rows in self.rows.items()}}

    def save(
        self,
        read: Callable[[str], Mapping[str, Any] | None],
        verb: Callable[[dict[str, Any]], Outcome[Any]],
        *,
        turn: str,
        key_of: Callable[[dict[str, Any]], str] | None = None,
        **names: str,
    ) -> bool:
        """Save what was typed, if nobody was faster. True when it is saved; else the sheet says why not.

        `read` gives the thing as it is at this moment, by its key; `verb` does the work. All in one transaction, one
        person at a time for each thing (`turn`: its kind). A new thing that exists already, just as typed, is a double
        click and counts as saved. `key_of`: the key of a new thing that no single field holds. `names`: fields for
        places that the verb calls otherwise.
        """
        if not self.is_valid():
            return False
        values = self.values
        with transaction.atomic():
            key = self.known or (key_of(values) if key_of else str(values.get(self.key, "")))
            take_turn(f"console:{turn}:{key}")
            present = read(key)
            if not self._is_free(present, values):
                return False
            if self.is_new and present is not None:
                return True
            outcome = verb(values)
            if outcome.refused:
                transaction.set_rollback(True)
        self.refuse(findings_of(outcome.refused), **names)
        return not outcome.refused

    def _is_free(self, present: Mapping[str, Any] | None, values: dict[str, Any]) -> bool:
        if self.is_new:
            there, wished = self._watched(present or {}), self._watched(values)
            if present is None or alike(there, {name: wished.get(name) for name in there}):
                return True
            field = self.key if self.key in self.form.fields else None
            self.form.add_error(field, _("This one exists already. Choose another, or open and change that one."))
            return False
        if present is None:
            self.form.add_error(None, _("It does not exist any more. What you typed is kept here: copy what you need."))
            return False
        found = changes(self.seen, self._watched(present), self._watched(values))
        if found:
            self._tell(found, present)
        return not found

    def _tell(self, found: Sequence[Change], present: Mapping[str, Any]) -> None:
        """Show the form again: what was typed stays, what was left alone follows the other's change."""
        before = self.form
        lines = [
            (self._label(each.name), *(self._shown(each.name, value) for value in _apart(each)), each.contested)
            for each in found
        ]
        there = {**present, **{name: each for name, each in self._watched(present).items() if ":" in name}}
        for each in found:
            if not each.contested:
                self._follow(each.name, there.get(each.name))
        self.now = present
        self._make()
        self.form.fields = {name: self.form.fields[name] for name in before.fields}
        for name, field in before.fields.items():
            self.form.fields[name].disabled = field.disabled
        self.told = told(self.subject, lines)

    def _label(self, name: str) -> str:
        _rows, _colon, key = name.partition(":")
        if key:
            return " · ".join(part for part in key.split("|") if part)
        return str(self.rows[name].label if name in self.rows else self.form.fields[name].label or name)

    def _shown(self, name: str, value: Any) -> str:
        """A sealed value as people read it."""
        if isinstance(value, Mapping):
            return " · ".join(str(part) for part in value.values() if part)
        if isinstance(value, list):
            return "; ".join(
                " · ".join(str(part) for part in row.values() if part) if isinstance(row, Mapping) else str(row)
                for row in value
            )[:300]
        field = self.form.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value))
        if isinstance(field, forms.BooleanField):
            return _("yes") if value else _("no")
        return str(value)[:300]

    def _follow(self, name: str, value: Any) -> None:
        data: QueryDict = self.data  # type: ignore[assignment]
        rows, _colon, key = name.partition(":")
        if key:
            row = self.rows[rows].at_key(key)
            for field_name, each in (value or {}).items() if row else ():
                _put(data, row.add_prefix(field_name), row.fields[field_name], each)
        elif name in self.rows:
            for sent in [each for each in data if each.startswith(f"{name}-")]:
                del data[sent]
            for index, row in enumerate(value or ()):
                for field_name, field in self.rows[name].form_class.base_fields.items():
                    _put(data, f"{name}-{index}-{field_name}", field, row.get(field_name))
        else:
            _put(data, name, self.form.fields[name], value)

    def refuse(self, findings: Sequence[Finding], **names: str) -> None:
        """Put the findings of a verb where they belong: at a row, at a field, or above the form."""
        for finding in findings:
            parts = finding.place.strip("/").split("/") if finding.place else [""]
            rows = self.rows.get(names.get(parts[0], parts[0]))
            if rows is not None and len(parts) > 1 and parts[1].isdigit() and rows.add_finding(int(parts[1]), finding):
                continue
            findings_into(self.form, [finding], **names)

    def saved(self, page: "SheetPage", request: HttpRequest, done: str) -> HttpResponse:
        """Back to where the page leads, with a word."""
        messages.success(request, done)
        return redirect(page.then if request.POST.get("then") and page.then else page.done or page.back)

    def show(self, page: "SheetPage", request: HttpRequest) -> HttpResponse:
        """The page with the form, as it was typed."""
        return render(request, "console/sheet.html", {"sheet": self, "page": page}, status=self.status)


@dataclass(frozen=True, slots=True)
class SheetPage:
    """What stands around a form: its title, the way here, and where saving leads (`then`: by the second button)."""

    title: str
    trail: Sequence[tuple[str, str]]
    back: str
    done: str = ""
    note: Any = ""
    extra: Any = ""
    then: str = ""


def _apart(change: Change) -> tuple[Any, Any]:
    """What was and what is, of rows only those that differ."""
    if isinstance(change.was, list) and isinstance(change.now, list):
        return [row for row in change.was if row not in change.now], [r for r in change.now if r not in change.was]
    return change.was, change.now


def _put(data: QueryDict, name: str, field: forms.Field, value: Any) -> None:
    """Write a stored value into sent data, as the browser would have sent it."""
    if isinstance(field, forms.BooleanField):
        data.setlist(name, ["on"] if value else [])
    elif isinstance(value, list | tuple):
        data.setlist(name, [str(each) for each in value])
    else:
        shown = field.prepare_value(value)
        data[name] = "" if shown is None else str(shown)
