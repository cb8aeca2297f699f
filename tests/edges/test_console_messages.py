"""Words: every text is translated, nothing is guessed, and a third language is a catalogue and a line of settings."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.mofile import read_mo
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from auftakt.console import messages

PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd%]")


def plain(text: Any) -> Any:
    return text if isinstance(text, str) else tuple(text)


@pytest.fixture(scope="module")
def texts() -> messages.Said:
    return messages.said()


def test_every_text_is_translated_with_all_its_plurals(texts: messages.Said) -> None:
    assert len(texts) > 1000
    for path in messages.LOCALE.glob("*/LC_MESSAGES/django.po"):
        assert messages.missing(messages.read(path), texts) == [], path


def test_a_translation_holds_the_same_places_as_its_text(texts: messages.Said) -> None:
    """`%(count)s` that a translator lost, or wrote otherwise, breaks the page."""
    for path in messages.LOCALE.glob("*/LC_MESSAGES/django.po"):
        for message in messages.read(path):
            if not message.id or (message.context or "", message.id) not in texts:
                continue
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else list(message.string)
            wanted = {frozenset(found.group() for found in PLACE.finditer(each)) for each in ids}
            for string in strings:
                assert frozenset(found.group() for found in PLACE.finditer(string)) in wanted, message.id


def test_the_compiled_catalogue_says_what_the_written_one_says() -> None:
    for path in messages.LOCALE.glob("*/LC_MESSAGES/django.po"):
        with path.with_suffix(".mo").open("rb") as file:
            compiled = {(each.context, plain(each.id)): plain(each.string) for each in read_mo(file) if each.id}
        written = {(each.context, plain(each.id)): plain(each.string) for each in messages.read(path) if each.id}
        assert compiled == written, f"make messages: {path} is newer than its .mo"


def test_texts_of_all_kinds_are_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}{% translate 'One' %}{% translate \"At 5 %\" as x %}"
        "{% blocktranslate count n=n %}{{ n }} line{% plural %}{{ n }} lines{% endblocktranslate %}"
        "{% include 'x' with title=_('Two') %}{% translate 'May' context 'month' %}"
    )
    (tmp_path / "view.py").write_text('_("Three"); gettext_lazy("Four"); ngettext("a", "b", 2); _("not " + "this")\n')
    monkeypatch.setattr(messages, "HOME", tmp_path)
    found = set(messages.said())
    assert {("", "One"), ("", "At 5 %%"), ("", "Two"), ("month", "May"), ("", "Three"), ("", "Four")} <= found
    assert {("", ("%(n)s line", "%(n)s lines")), ("", ("a", "b"))} <= found


def test_an_update_adds_drops_and_guesses_nothing() -> None:
    catalog = Catalog(locale="de")
    catalog.add("Kept", "Behalten")
    catalog.add("Gone", "Fort")
    catalog.add("Guessed", "Geraten", flags=["fuzzy"])
    texts = {("", "Kept"): "a", ("", "Guessed"): "b", ("", "Keptt"): "c", ("", ("one", "many")): "d"}
    updated = messages._updated(catalog, texts)
    assert [message.id for message in updated if message.id] == ["Kept", "Guessed", "Keptt", ("one", "many")]
    assert messages.missing(updated, texts) == ["Keptt", "one"]
    assert not updated.get("Keptt").string


@pytest.mark.django_db
def test_a_third_language_is_a_catalogue_and_a_line_of_settings(
    settings: Any, tmp_path: Path, texts: messages.Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every text is turned into [its upper case]: what a page still says plainly was never offered for translation."""
    shutil.copytree(messages.LOCALE, tmp_path / "locale")
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "locale")
    with pytest.raises(SystemExit) as ended:
        messages.main(["--add", "fr"])
    assert ended.value.code == 0
    path = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    catalog = messages.read(path)
    assert len(messages.missing(catalog, texts)) == len(texts)
    for message in catalog:
        if message.id:
            text = message.id if isinstance(message.id, str) else message.id[1]
            turned = "[" + "".join(part if PLACE.fullmatch(part) else part.upper() for part in parts(text)) + "]"
            message.string = turned if isinstance(message.id, str) else (turned,) * catalog.num_plurals
    messages._write(path, catalog)
    messages.compile_catalog(path)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    settings.LANGUAGES = [*settings.LANGUAGES, ("fr", "Français")]
    with translation.override("fr"):
        assert gettext("Orders") == "[ORDERS]"
        assert ngettext("%(count)s order", "%(count)s orders", 2).upper()
    page = Client().get(reverse("console:login"), headers={"Accept-Language": "fr"}).content.decode()
    assert '<html lang="fr"' in page
    assert "[LOG IN]" in page
    assert ">Français</button>" in page
    from tests import pages

    client = pages.signed_in("admin", language="fr")
    for name in ("home", "orders", "me", "users", "design"):
        said = client.get(reverse(f"console:{name}")).content.decode()
        assert "[ORDERS]" in said, name
        assert ">Orders<" not in said, name


def parts(text: str) -> list[str]:
    """The text, its places apart."""
    cut, at = [], 0
    for place in PLACE.finditer(text):
        cut += [text[at : place.start()], place.group()]
        at = place.end()
    return [*cut, text[at:]]
