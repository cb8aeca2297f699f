"""Two people on one order: what the first changed is told to the second, and goes together where both can stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.console import formats, history, queries
from auftakt.console.meanwhile import Told
from auftakt.console.views.entry_form import SOURCE, Line

CELLS = {"item": "sku", "quantity": "quantity", "unit": "unit"}
"""The cells of a line that the form shows, by their names in differences."""


@dataclass(slots=True)
class Merged:
    """The form after both changes, and what is told of theirs."""

    values: dict[str, Any]
    lines: list[Line]
    told: Told


def merge(
    order_id: UUID, opened: UUID, values: Mapping[str, Any], lines: Sequence[Line], names: Mapping[str, str]
) -> Merged | None:
    """What others changed since the form was opened, brought into it where the typist did not touch the same.

    None when nothing was changed.
    """
    entries = queries.changes_since(order_id, opened)
    if not entries:
        return None
    places = queries.addresses(history.addresses_named(entries))
    form = _Form(dict(values), [dict(line) for line in lines])
    said: list[tuple[str, str, str, bool]] = []
    for entry in entries:
        difference = entry.change["difference"]
        for (external, name), told in history.changes(difference, names, places):
            pair = difference["lines"][external][name] if external else difference["order"][name]
            said.append((*told, not form.take(external, name, pair)))
    last = entries[-1]
    return Merged(form.values, form.lines, Told(last.name or last.actor, last.at, said))


@dataclass(slots=True)
class _Form:
    values: dict[str, Any]
    lines: list[Line]

    def take(self, external: str, name: str, pair: Sequence[Any]) -> bool:
        """Take a change over, unless the typist changed the same. False: what was typed stands."""
        if not external:
            return self._take_value(name, *pair)
        mine = next((line for line in self.lines if _external(line) == external), None)
        if name == "added":
            if mine is None:
                self._add(external, *pair)
            return True
        if mine is None:
            return name == "removed"
        if name not in CELLS:
            return False
        return _take_cell(mine, CELLS[name], *pair)

    def _take_value(self, name: str, was: Any, now: Any) -> bool:
        if name not in self.values:
            return True
        mine = self.values[name]
        if isinstance(was, bool) or isinstance(now, bool):
            old, new, typed = bool(was), bool(now), bool(mine)
        else:
            old, new, typed = ("" if each is None else str(each) for each in (was, now, mine))
        if typed == old:
            self.values[name] = new
        return typed in (old, new)

    def _add(self, external: str, sku: str, quantity: str, unit: str) -> None:
        key = 1 + max((int(line["key"]) for line in self.lines if line["key"].isdecimal()), default=0)
        self.lines.append(
            {
                "key": str(key),
                "external": external,
                "sku": sku,
                "quantity": formats.number(Decimal(quantity)),
                "unit": unit,
                "percent": "",
                "reason": "",
            }
        )


def _external(line: Line) -> str:
    return line["external"] or f"{SOURCE}-{line['key']}"


def _take_cell(mine: Line, name: str, was: str, now: str) -> bool:
    typed: Any = mine[name].strip()
    old: Any = was
    new: Any = now
    if name == "quantity":
        typed, old, new = formats.parse_number(typed), Decimal(was), Decimal(now)
    if typed == old:
        mine[name] = formats.number(new) if name == "quantity" else now
    return typed in (old, new)
