"""Names of countries in the user's language."""

import unicodedata
from functools import cache

from babel import Locale

from auftakt.console.formats import locale

_NO_COUNTRIES = {"AC", "CP", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def _plain(name: str) -> str:
    """A name as it is sorted: Österreich stands at O."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


@cache
def _sorted(name: str) -> list[tuple[str, str]]:
    territories = Locale.parse(name).territories
    codes = [code for code in territories if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES]
    return sorted(((code, territories[code]) for code in codes), key=lambda pair: _plain(pair[1]))


def countries() -> list[tuple[str, str]]:
    """Codes and names, by name."""
    return _sorted(locale())


def country(code: str) -> str:
    """The name of a country; the code itself when it has none."""
    return Locale.parse(locale()).territories.get(code, code)
