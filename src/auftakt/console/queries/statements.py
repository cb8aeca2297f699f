"""The named statements of the console's reads."""

from typing import Any

from django.utils.translation import get_language

from auftakt.platform.sql import Statements


def language() -> str:
    """The language things are named in here: the page's own, without its region."""
    return (get_language() or "en").partition("-")[0]


class Spoken(Statements):
    """Statements that read names as the page speaks: where one says `%(language)s`, it gets the page's language."""

    def _heard(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        return {"language": language(), **given} if "%(language)s" in self.texts[name] else given

    def rows(self, name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement as tuples."""
        return super().rows(name, **self._heard(name, parameters))

    def records(self, name: str, /, **parameters: Any) -> list[Any]:
        """All rows as named tuples with the statement's own column names."""
        return super().records(name, **self._heard(name, parameters))

    def listed(self, name: str, /, **asked: Any) -> list[Any]:
        """Rows of a statement in the order of one of its columns, from a position on (keyset)."""
        return super().listed(name, **self._heard(name, asked))

    def over(self, name: str, outer: str, /, **asked: Any) -> list[tuple[Any, ...]]:
        """What `outer` makes of a statement's rows."""
        return super().over(name, outer, **self._heard(name, asked))


sql = Spoken("auftakt.console")
