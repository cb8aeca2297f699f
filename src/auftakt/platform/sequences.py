"""Numbers for documents: gapless where the law asks for it, quick where it does not."""

from collections.abc import Iterable
from dataclasses import replace

from auftakt.platform.sql import Statements
from auftakt.values import NumberRange

sql = Statements("auftakt.platform")


def gapless(name: str, count: int) -> range:
    """The next `count` numbers of a sequence without gaps. The sequence stays locked until the caller commits."""
    last = sql.value("draw_numbers", name=name, count=count)
    return range(last - count + 1, last + 1)


def serials(table: str, column: str, count: int) -> list[int]:
    """The next `count` numbers of a SerialField. Unique, ascending, not gapless; nobody waits."""
    return [number for (number,) in sql.rows("next_serials", table=table, column=column, count=count)]


def numbers(kind: NumberRange, count: int) -> list[tuple[int, str]]:
    """The next `count` numbers of a range with a counting column: the count, and the number as it is written."""
    return [
        (serial, number)
        for serial, number in sql.rows(
            "next_numbers", name=kind.name, prefix=kind.prefix, digits=kind.digits, table=kind.table,
            column=kind.column, count=count,
        )
    ]  # fmt: skip


def pass_by(kind: NumberRange, count: int) -> None:
    """Let a range with a counting column go on behind a count that was given by hand; it does not go back."""
    sql.rows("pass_by", table=kind.table, column=kind.column, count=count)


def as_written(kinds: Iterable[NumberRange]) -> dict[str, NumberRange]:
    """Ranges as the house writes them, by name."""
    known = {kind.name: kind for kind in kinds}
    for name, prefix, digits in sql.rows("number_ranges", names=list(known)):
        known[name] = replace(known[name], prefix=prefix, digits=digits)
    return known
