"""How numbers of papers are written: a prefix that ends without a digit, then a count that only rises.

So the count can be read back from the number, and no two numbers of a range are ever the same, whatever its prefix was.
"""

import re
from dataclasses import dataclass

PREFIX = re.compile(r"[A-Z0-9._/-]{0,23}[A-Z._/-]")
MOST_DIGITS = 12
_COUNT = re.compile(r"\d+$")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A range by its name, with what it is written with unless the house decides otherwise.

    `table` has the identity column that counts (`column`); without one the count is kept elsewhere.
    """

    name: str
    prefix: str
    digits: int = 6
    table: str = ""
    column: str = "serial"

    def written(self, count: int) -> str:
        """SO-000123."""
        return f"{self.prefix}{count:0{self.digits}d}"


def count_in(number: str) -> int:
    """The count that a number ends with."""
    found = _COUNT.search(number)
    if found is None:
        raise ValueError(f"{number!r} ends without a count")
    return int(found[0])
