"""COPY tells its errors as Django's, like every other statement: callers look for those."""

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from auftakt.platform.sql import insert_rows

pytestmark = pytest.mark.django_db(transaction=True)
_READER = ("name", "tx")


def test_what_a_constraint_refuses_is_an_integrity_error() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows("platform_journalreader", _READER, [("twice", 0), ("twice", 0)])


def test_a_connection_that_is_lost_is_an_operational_error() -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            (pid,) = cursor.fetchone()
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s, 5000)", [pid])
        other.close()
        insert_rows("platform_journalreader", _READER, [("lost", 0)])
    connection.close()
