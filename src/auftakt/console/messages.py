"""The catalogues of the console: texts are collected from templates and code, each language is updated and compiled.

    python -m auftakt.console.messages            collect, update every language, compile
    python -m auftakt.console.messages --check    change nothing; exit 1 when a text is missing or a catalogue is old
    python -m auftakt.console.messages --add fr   begin a language

Nothing is guessed: a new text stands empty until somebody writes it, and a text that nobody says any more is dropped.
"""

import argparse
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

HOME = Path(__file__).parent
LOCALE = HOME / "locale"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Said = dict[tuple[str, str | tuple[str, str]], str]


def _sources() -> Iterator[tuple[str, bytes]]:
    """Each file that says something, as Python that Babel can read."""
    for path in sorted(HOME.glob("**/*.py")):
        if "migrations" not in path.parts and path.name != "messages.py":
            yield str(path.relative_to(HOME)), path.read_bytes()
    for path in sorted(HOME.glob("templates/**/*.html")):
        name = str(path.relative_to(HOME))
        yield name, templatize(path.read_text("utf-8"), origin=name).encode()


def said() -> Said:
    """Every text of the console: (context, text or singular and plural) and the file that says it first."""
    found: Said = {}
    for name, source in _sources():
        for _line, text, _comments, context in extract("python", io.BytesIO(source), KEYWORDS):  # type: ignore[arg-type]
            if text and text != ("", ""):
                found.setdefault((context or "", text if isinstance(text, str) else tuple(text)), name)  # type: ignore[arg-type]
    return found


def read(path: Path) -> Catalog:
    """A written catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3].replace("-", "_"))


def _updated(catalog: Catalog, texts: Said) -> Catalog:
    """The catalogue with exactly the texts that are said, in the order it had; new ones stand empty at its end."""
    known = {(message.context or "", message.id) for message in catalog if message.id}
    for context, text in known - set(texts):
        catalog.delete(text, context or None)
    for context, text in texts:
        if (context, text) not in known:
            catalog.add(text, context=context or None)
    for message in catalog:
        message.flags.discard("fuzzy")
        message.user_comments = [each for each in message.user_comments if not each.startswith("| ")]
    catalog.fuzzy = False
    return catalog


def missing(catalog: Catalog, texts: Iterable[tuple[str, str | tuple[str, str]]]) -> list[str]:
    """Texts that the catalogue does not translate whole, with every plural of its language."""
    known = {(message.context or "", message.id): message for message in catalog if message.id}
    lacking = []
    for context, text in texts:
        message = known.get((context, text))
        found = "" if message is None else message.string or ""
        strings = [found] if isinstance(found, str) else found
        wanted = 1 if isinstance(text, str) else catalog.num_plurals
        if len(strings) != wanted or not all(strings) or (message is not None and message.fuzzy):
            lacking.append(text if isinstance(text, str) else text[0])
    return lacking


def _write(path: Path, catalog: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=False)


def compile_catalog(path: Path) -> None:
    """Make the `.mo` beside the `.po`: what Django reads. Only whole texts go in."""
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, read(path))


def _add(code: str) -> Path:
    path = LOCALE / code.replace("-", "_") / "LC_MESSAGES" / "django.po"
    if path.exists():
        sys.exit(f"{path} is there already")
    path.parent.mkdir(parents=True)
    locale = code.replace("-", "_")
    header = f"# The console's texts in {code}."
    _write(path, Catalog(locale=locale, project="Auftakt", charset="utf-8", header_comment=header))
    return path


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="auftakt.console.messages", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 when something is missing")
    parser.add_argument("--add", metavar="CODE", help="begin a language")
    wish = parser.parse_args(arguments)
    if wish.add:
        _add(wish.add)
    texts, lacking = said(), 0
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        catalog = _updated(read(path), texts)
        if not wish.check:
            _write(path, catalog)
            compile_catalog(path)
        open_texts = missing(catalog, texts)
        lacking += len(open_texts)
        told = [f"{path.parts[-3]}: {len(texts)} texts, {len(open_texts)} to translate"]
        sys.stdout.write("\n  ".join(told + [text[:100] for text in open_texts[:20]]) + "\n")
    sys.exit(1 if wish.check and lacking else 0)


def _set_up() -> None:
    settings.configure(USE_I18N=True)
    django.setup()


if __name__ == "__main__":
    _set_up()
    main()
