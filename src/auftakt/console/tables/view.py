"""A list as an answer to a request: the page, the part that changes, sums, or a file."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from auftakt.console import formats
from auftakt.console.outcomes import edge, ids
from auftakt.console.tables.columns import Column
from auftakt.console.tables.drawing import body
from auftakt.console.tables.export import FORMATS, TooManyError
from auftakt.console.tables.filters import Choice, Days, Filter, Toggle
from auftakt.console.tables.table import Asked, Table
from auftakt.identity.queries import layout, may, views_of_list

OWN = ("after", "format", "totals", "row", "view")  # parameters that are not part of what a list shows


def answer(
    request: HttpRequest, table: Table, *, template: str = "console/list.html", context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Whatever the address asks of the list. `template` extends `console/list.html`, with `context` in it."""
    query, allowed = request.GET, partial(may, request.user.roles)
    asked = table.asked(query)
    if table.totals and query.get("totals"):
        rows = ids(query.getlist("row")) if query["totals"] == "rows" else None
        return render(request, "console/tables/totals.html", {"totals": table.totals(asked, rows)})
    columns = table.chosen(_wished(request, table), allowed)
    export = FORMATS.get(query.get("format", ""))
    if export:
        try:
            return export(table, table.asked(query, limit=1000), columns)
        except TooManyError as error:
            text = _("More than %(count)s rows: narrow the list, or take CSV.")
            messages.error(request, text % {"count": formats.number(error.limit)})
            return redirect(f"?{_without(query)}")
    part = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    seen = (
        _rows(request, table, asked, columns, allowed) | ({} if part else _form(request, table)) | dict(context or {})
    )
    found = render(request, "console/tables/list.html" if part else template, seen)
    patch_vary_headers(found, ["HX-Request"])
    return found


def _rows(
    request: HttpRequest, table: Table, asked: Asked, columns: Sequence[Column], allowed: Callable[[str], bool]
) -> dict[str, Any]:
    """The rows, and all that changes with them."""
    query, page = request.GET, table.read(asked)
    shown = [column.key for column in columns]
    bulk = [each for each in table.bulk if allowed(each.rule)]
    ticks = bool(bulk or table.totals)
    return {
        "table": table,
        "page": page,
        "body": body(page.rows, columns, href=table.href, ticks=ticks) if page.rows else "",
        "ticks": ticks,
        "has_totals": table.totals is not None,  # a template would call it
        "heads": [_head(column, query, asked) for column in columns],
        "columns": [(column, column.key in shown) for column in table.offered(allowed)],
        "bulk": [(each, reverse(f"console:{each.route}", args=each.arguments)) for each in bulk],
        "narrowed": bool(asked.words or asked.filters),
        "pressed": [_pressed(each, query) for each in table.filters if _stands_above(each)],
        "chips": _chips(table, query),
        "above": [(name, query[name]) for name in ("sort", *_names_above(table)) if query.get(name)],
        "clear": f"?{_without(query, *_narrowing(table))}",
        "first": f"?{_without(query)}" if query.get("after") else "",
        "following": f"?{_with(query, after=page.after)}" if page.after else "",
        "query": _without(query),
        "filter": _without(query, "sort", "columns"),
        "view_query": _with(query, columns=" ".join(shown)),
        "views": views_of_list(table.name, request.user.id),
        "view": query.get("view", ""),
        "density": request.user.density,
        "empty_href": table.empty.href if table.empty and (not table.empty.rule or allowed(table.empty.rule)) else "",
    }


def _form(request: HttpRequest, table: Table) -> dict[str, Any]:
    """The fields that narrow the list; they stay as they are while rows come and go."""
    query, today = request.GET, edge(request).today
    return {
        "fields": [
            {
                "filter": each,
                "values": [(name, query.get(name, "")) for name in each.names],
                "presets": each.presets(today) if isinstance(each, Days) else (),
            }
            for each in table.filters
            if not _stands_above(each)
        ],
        "words": query.get("q", ""),
    }


def _wished(request: HttpRequest, table: Table) -> Sequence[str]:
    """The columns of the address (a saved view, an export), else those the user chose before."""
    named = request.GET.get("columns", "")
    return named.split() if named else layout(table.name, request.user.id)


def _stands_above(each: Filter) -> bool:
    return isinstance(each, Toggle) or (isinstance(each, Choice) and each.chips)


def _names_above(table: Table) -> list[str]:
    return [each.name for each in table.filters if _stands_above(each)]


def _narrowing(table: Table) -> list[str]:
    return ["q", *(name for each in table.filters for name in each.names)]


def _head(column: Column, query: QueryDict, asked: Asked) -> dict[str, Any]:
    """A column's head: where a click leads, and how the list is sorted now."""
    if not column.sort:
        return {"column": column}
    here = column.sort == asked.sort
    turned = (not asked.descending) if here else column.falls
    return {
        "column": column,
        "href": f"?{_with(query, sort=('-' if turned else '') + column.sort)}",
        "sorted": ("descending" if asked.descending else "ascending") if here else "",
    }


def _pressed(each: Filter, query: QueryDict) -> list[dict[str, Any]]:
    """The chips of a filter that stands above the list: each an address that presses or releases it."""
    now = query.get(each.name, "")
    options = [("1", each.title)] if isinstance(each, Toggle) else list(each.options())  # type: ignore[attr-defined]
    return [
        {
            "title": label,
            "icon": getattr(each, "icon", ""),
            "pressed": now == code,
            "href": f"?{_with(query, **{each.name: '' if now == code else code})}",
        }
        for code, label in options
    ]


def _chips(table: Table, query: QueryDict) -> list[dict[str, Any]]:
    """The filters in force that the form sets, each with the address that takes it away."""
    return [
        {"title": each.title, "text": each.spoken(query), "href": f"?{_without(query, *each.names)}"}
        for each in table.filters
        if not _stands_above(each) and each.read(query)
    ]


def _without(query: QueryDict, *names: str) -> str:
    """The address of what a list shows, without position and format, and without some parameters."""
    left = query.copy()
    for name in (*OWN, *names):
        left.pop(name, None)
    for name in [name for name, value in left.items() if not value]:
        del left[name]
    return left.urlencode()


def _with(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    for name in (*OWN, *changes):
        changed.pop(name, None)
    for name in [name for name, value in changed.items() if not value]:
        del changed[name]
    for name, value in changes.items():
        if value:
            changed[name] = value
    return changed.urlencode()
