"""The wheel holds everything Auftakt needs and runs outside the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.running import installation

ROOT = Path(__file__).parents[2]


def test_the_wheel_runs_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*build, "--wheel-dir", str(tmp_path), str(ROOT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (wheel,) = tmp_path.glob("auftakt-*.whl")
    inside = tmp_path / "inside"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(inside)
    for needed in (
        "auftakt/orders/sql/orders.sql",
        "auftakt/orders/migrations/0001_initial.py",
        "auftakt/compliance/rates.csv",
        "auftakt/documents/templates/invoice.typ",
        "auftakt/channels/files/maps/northwind/orders.toml",
        "auftakt/console/static/console/tokens.css",
        "auftakt/console/locale/de/LC_MESSAGES/django.mo",
        "auftakt/console/templates/console/base.html",
    ):
        assert needed in names, needed
    assert any(name.endswith("licenses/LICENSE") for name in names)
    with installation(PYTHONPATH=str(inside)) as made:
        code = "import auftakt, sys; sys.stdout.write(auftakt.__file__)"
        where = subprocess.run(
            [sys.executable, "-c", code], env=made.environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert Path(where.stdout).is_relative_to(inside)
        command = [sys.executable, "-m", "auftakt.cli.main", "demo", "--headless", "--orders", "20", "--json"]
        told = subprocess.run(
            command, env={**os.environ, **made.environment}, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert told.returncode == 0, told.stderr[-3000:]
        assert json.loads(told.stdout.splitlines()[-1])["verify"]["violations"] == 0
