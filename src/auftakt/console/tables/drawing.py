"""The rows of a list as markup. Drawn here and not by template tags: a page has hundreds of cells."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from auftakt.console.tables.columns import NOTHING, Column, escaped, read


def body(
    rows: Iterable[Any], columns: Sequence[Column], *, href: Callable[[Any], str] | None, ticks: bool
) -> SafeString:
    """Table rows: a box to tick if wished, then the cells, each with its column's title for the cards of a phone."""
    before = [(column, *_opening(column)) for column in columns]
    box = (
        f'<td class="tick"><input type="checkbox" name="row" aria-label="{escape(_("Tick the row"))}" value="%s"></td>'
    )
    parts: list[str] = []
    for row in rows:
        address = href(row) if href else ""
        parts.append(f'<tr data-href="{escaped(address)}">' if address else "<tr>")
        if ticks:
            parts.append(box.replace("%s", escaped(read(row, "id")), 1))
        for column, filled, empty in before:
            cell = column.cell(row, address)
            parts.append(f"{empty if cell is NOTHING else filled}<span>{escaped(cell)}</span></td>")
        parts.append("</tr>\n")
    return mark_safe("".join(parts))  # noqa: S308 (every value is escaped above)


def _opening(column: Column) -> tuple[str, str]:
    """How a cell of a column begins: one that holds something, and one that holds nothing."""
    look = ("head " if column.head else "") + ("num" if column.is_numeric else "")
    label = "" if column.head else f' data-label="{escape(column.title)}"'
    return f'<td class="{look.strip()}"{label}>', f'<td class="{look} none"{label}>'
