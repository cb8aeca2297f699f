"""Rubbish in every form, derived from the routes and from the forms that the pages hold: a clear word, never a fault.

Each form is sent as it stands, twice; empty; and with rubbish in its fields. Where it was refused the journal has not
grown. Everything that is sent is rolled back, so that each form meets the same world.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from auftakt.console.permissions import PUBLIC, SIGNED_IN
from auftakt.identity.queries import may
from auftakt.platform.models import JournalEntry
from tests import pages

pytestmark = pytest.mark.django_db
Fields = list[tuple[str, str]]
RUBBISH = {
    "words": "rubbish",
    "long": "ü" * 5000,
    "signs": f"{pages.RIGHT_TO_LEFT} {pages.EMOJI} '; drop table x; -- \\ %s {{{{ 7*7 }}}} ${{x}}",
    "nul": "a\0b",
    "large": "9" * 400,
    "less": "-1",
    "nothing": "",
}
TRIED_ON_TYPED = ("long", "less")  # with what is chosen (hidden, select, ticks) left as it stands
TOLD = {200, 201, 204, 301, 302, 303, 400, 401, 403, 404, 405, 409, 413, 422}
FILED_FIRST = {"order_confirm", "invoice_send"}  # the paper is put on file, whatever becomes of the mail
LEAVES = {"logout", "login"}
ALONE = {"attempt_settle", "payment_refund"}  # commit by themselves before they ask outside: no rolling back here


class Forms(HTMLParser):
    """The forms of a page that are posted: where to, and their fields: (name, value, whether it is typed)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str, bool]]]] = []
        self.inside: list[tuple[str, str, bool]] | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = []
            if given.get("method", "").lower() == "post":
                self.found.append((given.get("action", ""), self.inside))
            return
        name = given.get("name", "")
        if self.inside is None:
            return
        begun = bool(self.inside) and self.inside[-1][0] == self.select
        if tag == "option" and self.select and ("selected" in given or not begun):
            if begun:
                self.inside.pop()
            self.inside.append((self.select, given.get("value", ""), False))
        elif tag == "select":
            self.select = name
        elif tag == "textarea" and name:
            self.inside.append((name, "", True))
        elif tag in ("input", "button") and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in given and kind == "radio":
                return
            self.inside.append((name, given.get("value", "on"), kind not in ("hidden", "checkbox", "radio", "submit")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = ""


def forms(client: Client) -> dict[str, Any]:
    """One form for each route that is posted to: its address, and the fields with what they hold."""
    found: dict[str, Any] = {}
    for address, answer in pages.answers(client):
        reader = Forms()
        reader.feed(answer.content.decode())
        for action, fields in reader.found:
            path = (action or address.path).split("?")[0]
            try:
                route = str(resolve(path).url_name)
            except Resolver404:
                raise AssertionError(f"{address.path} posts to {path}, which is nowhere") from None
            if route not in found or len(fields) > len(found[route][1]):
                found[route] = (path, fields)
    for address in pages.addresses():
        found.setdefault(address.route, (address.path, [(name, "", True) for name in USUAL]))
    return {route: each for route, each in found.items() if route not in LEAVES | ALONE}


USUAL = ("reason", "note", "quantity", "line", "name", "number", "do", "row", "filter", "code", "amount", "next")


def filled(fields: Any, rubbish: str, *, all_of_it: bool) -> Fields:
    return [(name, rubbish if typed or all_of_it else value) for name, value, typed in fields]


def posted(client: Client, path: str, fields: Fields, **more: Any) -> Any:
    client.cookies.pop("messages", None)  # what was told before and not shown
    data: dict[str, list[str]] = {}
    for name, value in fields:
        if name != "csrfmiddlewaretoken":
            data.setdefault(name, []).append(value)
    return client.post(path, data, **more)


def refused(answer: Any) -> bool:
    """Whether the page says that it was not taken."""
    told = [message.level_tag for message in get_messages(answer.wsgi_request)]
    return answer.status_code >= 400 or ("error" in told and "success" not in told)


def some(number: int) -> list[str]:
    """Some of the rubbish, other than for the neighbours: each form and page meets two, together they meet all."""
    names = list(RUBBISH)
    return [names[(number * 2 + place) % len(names)] for place in range(2)]


def trials(fields: Any, number: int) -> Iterator[tuple[str, Fields]]:
    for name in some(number):
        yield f"all {name}", filled(fields, RUBBISH[name], all_of_it=True)
    for name in TRIED_ON_TYPED:
        yield f"typed {name}", filled(fields, RUBBISH[name], all_of_it=False)
    yield "no field", []


def test_rubbish_in_every_form_is_told_and_moves_nothing() -> None:
    pages.world()
    client = pages.signed_in("admin")
    user = client.session["_auth_user_id"]
    faults = []
    for number, (route, (path, fields)) in enumerate(forms(client).items()):
        for trial, data in trials(fields, number):
            with transaction.atomic():
                before = JournalEntry.objects.count()
                answer = posted(client, path, data)
                if answer.status_code not in TOLD:
                    faults.append(f"{route} ({trial}): {answer.status_code}")
                elif route not in FILED_FIRST and refused(answer) and not transaction.get_connection().needs_rollback:
                    moved = JournalEntry.objects.count() - before
                    faults += [f"{route} ({trial}): refused, yet {moved} rows in the journal"] if moved else []
                transaction.set_rollback(True)
    assert client.session["_auth_user_id"] == user
    assert faults == [], "\n".join(faults)


def test_a_form_sent_twice_is_no_fault() -> None:
    pages.world()
    client = pages.signed_in("admin")
    faults = []
    for route, (path, fields) in forms(client).items():
        with transaction.atomic():
            data = [(name, value) for name, value, _typed in fields]
            statuses = [posted(client, path, data).status_code for _ in range(2)]
            if not set(statuses) <= TOLD:
                faults.append(f"{route}: {statuses}")
            transaction.set_rollback(True)
    assert faults == [], "\n".join(faults)


def test_who_lacks_the_right_moves_nothing() -> None:
    pages.world()
    client, stranger = pages.signed_in("viewer"), Client(raise_request_exception=False)
    for address in pages.addresses():
        rule = resolve(address.path.split("?")[0]).func.rule  # type: ignore[attr-defined]
        if rule == PUBLIC or address.route in LEAVES:
            continue
        before = JournalEntry.objects.count()
        assert posted(stranger, address.path, [("note", "x")]).status_code == 401, address
        if rule != SIGNED_IN and not may(["viewer"], rule):
            assert posted(client, address.path, [("note", "x")]).status_code == 403, address
            assert client.get(address.path).status_code in (403, 405), address
        assert JournalEntry.objects.count() == before, address


def test_what_is_not_there_is_told() -> None:
    """Ids of rows that were deleted, and addresses with rubbish in them."""
    pages.world()
    client = pages.signed_in("admin")
    for route, parameters in pages.routes():
        if not parameters or route in LEAVES:
            continue
        gone = {name: pages.NOWHERE[type(converter).__name__] for name, converter in parameters.items()}
        path = reverse(f"console:{route}", kwargs=gone)
        before = JournalEntry.objects.count()
        for answer in (client.get(path), posted(client, path, [("note", "x"), ("reason", "x")])):
            assert answer.status_code in TOLD, (route, answer.status_code)
        assert JournalEntry.objects.count() == before, route
        for name, converter in parameters.items():
            if type(converter).__name__ in ("StringConverter", "PathConverter"):
                for text in ("a\0b", "ü" * 2000, "%", "..", "'"):
                    odd = reverse(f"console:{route}", kwargs=gone | {name: text})
                    assert client.get(odd).status_code in TOLD, (route, text[:10])


def test_rubbish_in_the_query_of_every_page_is_told() -> None:
    pages.world()
    client = pages.signed_in("admin")
    names = (
        "q",
        "after",
        "sort",
        "page",
        "state",
        "customer",
        "item",
        "site",
        "stage",
        "from",
        "to",
        "view",
        "columns",
    )
    for number, address in enumerate(pages.pages(client)):
        for value in (*(RUBBISH[name] for name in some(number)), "-"):
            with transaction.atomic():
                answer = client.get(address.path, dict.fromkeys(names, value))
                assert answer.status_code in TOLD, (address, value[:10], answer.status_code)
                transaction.set_rollback(True)
