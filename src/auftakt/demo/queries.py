"""Reads of the demo: what there is to do at the demo company on a day."""

from auftakt.platform.sql import Statements

sql = Statements("auftakt.demo")
