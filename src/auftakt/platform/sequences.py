"""Numbers for documents: gapless where the law asks for it, quick where it does not."""

from auftakt.platform.sql import Statements

sql = Statements("auftakt.platform")


def gapless(name: str, count: int) -> range:
    """The next `count` numbers of a sequence without gaps. The sequence stays locked until the caller commits."""
    last = sql.value("draw_numbers", name=name, count=count)
    return range(last - count + 1, last + 1)


def serials(table: str, column: str, count: int) -> list[int]:
    """The next `count` numbers of a SerialField. Unique, ascending, not gapless; nobody waits."""
    return [number for (number,) in sql.rows("next_serials", table=table, column=column, count=count)]
