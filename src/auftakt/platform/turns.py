"""One at a time: whoever takes a turn at a named thing keeps it until the transaction ends; others wait for theirs."""

from django.db import transaction

from auftakt.platform.sql import Statements

sql = Statements("auftakt.platform")


def take_turn(name: str) -> None:
    """Wait until nobody else has the turn at `name`, then have it until commit or rollback."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a turn is taken inside a transaction")
    sql.run("take_turn", name=name)
