"""Lots and serial numbers as people type, paste or scan them: one a line, with how many and until when it keeps."""

import re
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from auftakt.console import formats
from auftakt.inventory.types import LotQuantity

MOST = 2000
"""Lines read of one entry."""


class LotEntryError(ValueError):
    """A line that cannot be read; its text says which and why."""


def read_lots(text: str, quantity: Decimal | None = None) -> tuple[LotQuantity, ...]:
    """The lots of a text. A line is a number, then how many and the last day, in any order, between semicolons, tabs or
    blanks. One line without a quantity stands for all of `quantity`; several stand for one piece each.
    """
    lines = [line.strip() for line in text.replace("\0", "").splitlines() if line.strip()]
    if len(lines) > MOST:
        raise LotEntryError(_("More than %(most)s lines: enter them in parts.") % {"most": MOST})
    alone = quantity if len(lines) == 1 and quantity is not None else Decimal(1)
    return tuple(_read(line, alone) for line in lines)


def _read(line: str, alone: Decimal) -> LotQuantity:
    parts = [part.strip() for part in re.split(r"[;\t]", line)] if re.search(r"[;\t]", line) else line.split()
    count: Decimal | None = None
    day: date | None = None
    for part in filter(None, parts[1:]):
        read_day = formats.parse_day(part)
        number = formats.parse_number(part) if read_day is None else None
        if read_day is not None and day is None:
            day = read_day
        elif number is not None and count is None:
            count = number
        else:
            told = _("“%(part)s” in “%(line)s” is neither a quantity nor a day. Nothing was booked.")
            raise LotEntryError(told % {"part": part[:40], "line": line[:80]})
    return LotQuantity(parts[0][:200], alone if count is None else count, day)
