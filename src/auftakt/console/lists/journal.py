"""The list of what happened."""

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from auftakt.console import chronicle, words
from auftakt.console.queries import journal as reads
from auftakt.console.tables import Choice, Column, Days, Empty, Table
from auftakt.console.templatetags.formats import icon


def _what(row: Any) -> SafeString:
    text, name, tone = chronicle.what(row.verb)
    return format_html('<span class="deed {}">{}{}</span>', tone, icon(name), text)


def _linked(named: reads.Named, text: str) -> SafeString | str:
    href = chronicle.href(named)
    return format_html('<a href="{}">{}</a>', href, text) if href else text


def _about(row: Any) -> SafeString | str:
    told = _linked(row.subject, chronicle.subject(row.subject_type, row.subject))
    if row.order.name and row.order != row.subject:
        return format_html("{}<small>{}</small>", told, _linked(row.order, chronicle.subject("order", row.order)))
    return told


def _facts(row: Any) -> SafeString | str:
    found = chronicle.facts(row.change)
    if not found:
        return ""
    first = " · ".join(text for _label, text in found[:2])
    if len(found) <= 2 and len(first) <= 60:
        return first
    told = format_html_join("", "<dt>{}</dt><dd>{}</dd>", found)
    return format_html(
        '<details class="change"><summary>{}</summary><dl class="facts facts-tight">{}</dl></details>',
        first[:60] + "…" if len(first) > 60 else first,
        told,
    )


def _plain_facts(row: Any) -> str:
    return "; ".join(f"{label}: {text}" for label, text in chronicle.facts(row.change))


def _verbs() -> list[tuple[str, str]]:
    return sorted(((code, str(text)) for code, (text, _icon, _tone) in words.VERBS.items()), key=lambda each: each[1])


def journal(zone: ZoneInfo) -> Table:
    """The journal, its days in a time zone."""
    return Table(
        name="journal",
        title=gettext_lazy("Journal"),
        words=gettext_lazy("Number of an order, invoice, customer or item"),
        sort="-at",
        read=partial(reads.journal_list, zone=zone),
        columns=(
            Column(
                "verb",
                gettext_lazy("What happened"),
                head=True,
                show=_what,
                value=lambda row: chronicle.what(row.verb)[0],
            ),
            Column("at", gettext_lazy("When"), "instant", sort="at"),
            Column(
                "who",
                gettext_lazy("Who"),
                show=lambda row: chronicle.who(row.actor, row.who),
                value=lambda row: chronicle.who(row.actor, row.who),
            ),
            Column(
                "about",
                gettext_lazy("To what"),
                show=_about,
                value=lambda row: chronicle.subject(row.subject_type, row.subject),
            ),
            Column("change", gettext_lazy("What changed"), show=_facts, value=_plain_facts),
        ),
        filters=(
            Choice(name="verb", title=gettext_lazy("What happened"), options=_verbs),
            Choice(name="actor", title=gettext_lazy("Who"), options=reads.actors),
            Days(name="day", title=gettext_lazy("When")),
        ),
        empty=Empty(
            "journal",
            gettext_lazy("Nothing has happened yet"),
            gettext_lazy("Everything that is done is written down here, by whom and when."),
        ),
    )
