"""The statements of the API: reads over all floors, made for one answer each."""

from auftakt.platform.sql import Statements

sql = Statements("auftakt.api")
