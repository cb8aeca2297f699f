"""All parts of the design system on one page."""

import json
import re
from datetime import timedelta
from decimal import Decimal

from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from auftakt.console import words
from auftakt.console.diagram import Node, drawn
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.console.views.app import ASSETS

COLOURS = (
    "canvas",
    "sheet",
    "sheet-2",
    "ink",
    "ink-2",
    "ink-3",
    "line",
    "accent",
    "accent-soft",
    "ok",
    "ok-soft",
    "warn",
    "warn-soft",
    "bad",
    "bad-soft",
    "info",
    "info-soft",
    "rail",
    "rail-mark",
)
ICONS = tuple(re.findall(r'<symbol id="([\w-]+)"', (ASSETS / "icons.svg").read_text("utf-8")))


@needs("users.manage")
def design(request: HttpRequest) -> HttpResponse:
    """The components, with sample values."""
    here = edge(request)
    share = Decimal("0.6")
    sample = {
        "colours": COLOURS,
        "icons": ICONS,
        "badges": list(words.BADGES),
        "toasts": _toasts(),
        "measure": {
            "promised": Decimal(1),
            "released": Decimal(1),
            "shipped": share,
            "billed": Decimal("0.3"),
            "paid": Decimal(0),
        },
        "amount": Decimal("1234567.5"),
        "today": here.today,
        "now": here.at,
        "rows": [
            ("100-114", "Kette 11-fach", Decimal(12), here.today + timedelta(days=2)),
            ("100-200", "Trekkingrad Nordwind, 54 cm", Decimal("1.5"), here.today + timedelta(days=9)),
        ],
        "waterfall": waterfall(
            [
                {"kind": "list", "label": "Standard 2026", "source": "EUR-STD", "amount": "120.00"},
                {"kind": "discount", "label": "Fachhandel 10 %", "source": "TRADE10", "amount": "-12.00"},
                {"kind": "tax", "label": "19 %", "source": "DE", "amount": "20.52"},
            ]
        ),
    }
    sample["diagram"] = drawn(
        [
            Node("reserve", "Reserve supply", "33", (), "info"),
            Node("release", "Release to the site", "2", ("reserve",), "info"),
            Node("invoice", "Invoice", "", ("release",)),
            Node("print", "Print papers", "1", ("release",), "bad"),
            Node("collect", "Collect payment", "", ("invoice", "print")),
        ]
    )
    return render(request, "console/design.html", sample)


def _toasts() -> list[Message]:
    """Good news, good news that can be taken back, and trouble."""
    undo = json.dumps({"undo": reverse("console:look"), "fields": []})
    return [
        Message(constants.SUCCESS, _("Saved.")),
        Message(constants.SUCCESS, _("The order is on hold."), extra_tags=undo),
        Message(constants.ERROR, _("That did not work. Please try again; nothing was changed.")),
    ]


def waterfall(components: list[dict[str, str]]) -> list[dict[str, object]]:
    """A stored waterfall as bars: where each begins and how long it is, in percent of the highest running amount.

    The sums that people look for are set in: net before the tax, the total at the end.
    """
    running, steps = Decimal(0), []
    for index, part in enumerate(components):
        amount = Decimal(str(part.get("amount") or 0))
        if part.get("kind") == "tax" and index:
            steps.append(("net", "", "", running, Decimal(0), running, True))
        start, running = running, running + amount
        steps.append(
            (
                part.get("kind", ""),
                part.get("label", ""),
                part.get("source", ""),
                amount,
                min(start, running),
                max(start, running),
                False,
            )
        )
    if len(components) > 1:
        steps.append(("gross", "", "", running, Decimal(0), running, True))
    top = max((step[5] for step in steps), default=Decimal(0)) or Decimal(1)
    return [
        {
            "kind": kind,
            "label": label,
            "source": source,
            "amount": amount,
            "is_sum": is_sum,
            "is_less": amount < 0,
            "start": f"{max(low, Decimal(0)) / top * 100:.2f}%",
            "size": f"{max(high - max(low, Decimal(0)), Decimal(0)) / top * 100:.2f}%",
        }
        for kind, label, source, amount, low, high, is_sum in steps
    ]
