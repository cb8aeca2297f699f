"""Names of countries in the user's language."""

from functools import cache

from babel import Locale

from auftakt.console.formats import locale

_CODES = (
    "AT AU BE BG BR CA CH CN CY CZ DE DK EE ES FI FR GB GR HR HU IE IN IS IT JP KR LI LT LU LV MT MX NL NO NZ "
    "PL PT RO RS SE SG SI SK TR UA US ZA"
).split()


@cache
def _sorted(name: str) -> list[tuple[str, str]]:
    territories = Locale.parse(name).territories
    return sorted(((code, territories[code]) for code in _CODES), key=lambda pair: pair[1].replace("Ö", "O"))


def countries() -> list[tuple[str, str]]:
    """Codes and names, by name."""
    return _sorted(locale())


def country(code: str) -> str:
    """The name of a country; the code itself when it has none."""
    return Locale.parse(locale()).territories.get(code, code)
