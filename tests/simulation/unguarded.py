"""The product with its guard taken out, for the negative control: supply is drawn whether it is there or not.

Each draw also waits a moment, so that other processes draw the same supply from pictures that do not know of it yet.
"""

from django.apps import AppConfig

from auftakt.project.settings import *  # noqa: F403
from auftakt.project.settings import INSTALLED_APPS as _REAL

INSTALLED_APPS = [*_REAL, "tests.simulation.unguarded.Unguarded"]
_GUARD = " and b.quantity - b.drawn >= w.quantity"
_WISH = "select * from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as w(id, quantity)"


class Unguarded(AppConfig):
    """Takes the condition out of the statement that draws."""

    name = "tests.simulation"
    label = "unguarded"

    def ready(self) -> None:
        from auftakt.inventory.actions import draws

        text = draws.sql.texts["draw_buckets"]
        if text.count(_GUARD) != 1 or text.count(_WISH) != 1:
            raise RuntimeError("the draw statement has changed: change the negative control with it")
        late = _WISH.replace("select *", "select w.*") + ", pg_sleep(0.02)"
        draws.sql.texts["draw_buckets"] = text.replace(_GUARD, "").replace(_WISH, late)
