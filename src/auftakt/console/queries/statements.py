"""The named statements of the console's reads."""

from auftakt.platform.sql import Statements

sql = Statements("auftakt.console")
