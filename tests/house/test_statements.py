"""Every named statement parses and plans against the real tables, so that a renamed column is caught at once."""

import re

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from auftakt.platform.sql import Statements
from tests.house.test_floors import SOURCE

NAMED = [
    (path.parent.parent.name, name)
    for path in sorted(SOURCE.glob("*/sql/*.sql"))
    for name in re.findall(r"^-- name: (\w+)", path.read_text(), re.M)
]


@pytest.mark.smoke
@pytest.mark.django_db
def test_every_statement_is_understood_by_the_server() -> None:
    wrong: list[str] = []
    for capability, name in NAMED:
        text = Statements(f"auftakt.{capability}").texts[name]
        prepared = text.replace("%%", "%")
        for number, parameter in enumerate(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)), 1):
            prepared = prepared.replace(f"%({parameter})s", f"${number}")
        with connection.cursor() as cursor:
            try:
                cursor.execute("savepoint probe")
                cursor.execute(f"prepare probe as {prepared}")
                cursor.execute("deallocate probe")
            except DatabaseError as error:
                cursor.execute("rollback to savepoint probe")
                wrong.append(f"{capability}.{name}: {str(error).splitlines()[0]}")
    assert len(NAMED) > 30
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
