"""The fields of one row, read as what they should be; every problem is collected with its column."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from auftakt.channels.files.mapping import CellError, columns_of


class Fields:
    """Our fields as text, and the problems met while reading them."""

    def __init__(self, values: dict[str, str], sources: dict[str, Any]) -> None:
        self.values = values
        self.sources = sources
        self.problems: list[CellError] = []

    def _problem(self, name: str, code: str, message: str) -> None:
        column = next(iter(columns_of([self.sources[name]])), name) if name in self.sources else name
        self.problems.append(CellError(code, column, f"{column}: {message}"))

    def refuse(self, name: str, code: str, message: str) -> None:
        """Say what is wrong with a field beyond how it reads."""
        self._problem(name, code, message)

    def text(self, name: str, default: str = "") -> str:
        """The text of a field, or the default when it is empty."""
        return self.values.get(name, default)

    def needed(self, name: str) -> str:
        """The text of a field that must not be empty."""
        if not self.values.get(name):
            self._problem(name, "missing", "must not be empty.")
        return self.values.get(name, "")

    def number(self, name: str, default: Decimal | None = None) -> Decimal:
        """A decimal number; a comma or a blank between thousands is refused rather than guessed."""
        text = self.values.get(name, "")
        if not text:
            if default is None:
                self._problem(name, "missing", "must not be empty.")
            return default or Decimal(0)
        try:
            value = Decimal(text)
        except InvalidOperation:
            self._problem(name, "bad_number", f"{text!r} is no number; write it as 1234.56.")
            return Decimal(0)
        if not value.is_finite():
            self._problem(name, "bad_number", f"{text!r} is no number.")
            return Decimal(0)
        return value

    def whole(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.number(name, Decimal(default))
        if value != value.to_integral_value():
            self._problem(name, "bad_number", f"{value} is no whole number.")
        return int(value)

    def day(self, name: str) -> date | None:
        """A day as 2026-01-31, or None when empty."""
        text = self.values.get(name, "")
        if not text:
            return None
        try:
            return date.fromisoformat(text[:10] if text[10:11] in ("T", " ") else text)
        except ValueError:
            self._problem(name, "bad_date", f"{text!r} is no day; write it as 2026-01-31.")
            return None

    def instant(self, name: str) -> datetime | None:
        """An instant, or noon (UTC) of a day, or None when empty."""
        text = self.values.get(name, "")
        if not text:
            return None
        if len(text) > 10:
            try:
                told = datetime.fromisoformat(text)
            except ValueError:
                self._problem(name, "bad_date", f"{text!r} is no instant; write it as 2026-01-31T12:00:00Z.")
                return None
            return told if told.tzinfo else told.replace(tzinfo=UTC)
        day = self.day(name)
        return datetime.combine(day, time(12), UTC) if day else None

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no."""
        text = self.values.get(name, "").casefold()
        if not text:
            return default
        if text in ("true", "yes", "ja", "1", "y"):
            return True
        if text in ("false", "no", "nein", "0", "n"):
            return False
        self._problem(name, "bad_flag", f"{text!r} is neither yes nor no.")
        return default
