"""How invoices, credit notes and reminders are numbered."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from auftakt.billing.actions.posting import sql
from auftakt.platform.numbering import NumberChange
from auftakt.platform.numbering import change_numbers as write_numbers
from auftakt.values import NumberRange, Outcome, Refusal


@transaction.atomic
def change_numbers(
    changes: Sequence[NumberChange], *, known: Sequence[NumberRange], actor: str, at: datetime
) -> Outcome[str]:
    """Write papers with another prefix or more digits from the next number on. Their counts stay gapless.

    Refuses what `platform.numbering.change_numbers` refuses, and `prefix_used`: papers of another range carry the
    prefix already, so a number could be given twice.
    """
    used = {
        (name, prefix)
        for name, prefix in sql.rows(
            "prefixes_of_others", names=[each.name for each in changes], prefixes=[each.prefix for each in changes]
        )
    }
    barred = [
        Refusal.because(
            each.name, "prefix_used", f"Other papers are numbered with {each.prefix} already.", place="/prefix",
            prefix=each.prefix,
        )
        for each in changes
        if (each.name, each.prefix) in used
    ]  # fmt: skip
    good = [each for each in changes if (each.name, each.prefix) not in used]
    outcome = write_numbers(good, known=known, actor=actor, at=at)
    return Outcome(outcome.done, (*barred, *outcome.refused))
