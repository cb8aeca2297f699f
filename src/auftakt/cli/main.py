"""The `auftakt` command: sets up Django, then hands over to the commands."""

import os
import sys
from importlib import import_module

import django

from auftakt.platform.embedded import DatabaseError


def main() -> None:
    """Entry point. A database that cannot be used ends in one sentence and exit code 2, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auftakt.project.settings")
    try:
        django.setup()
        import_module("auftakt.cli.commands").app()
    except DatabaseError as error:
        print(f"auftakt: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
