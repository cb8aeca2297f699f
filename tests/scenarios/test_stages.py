"""The builder brings an order to every stage, and every balance of the house holds there."""

from pathlib import Path

import pytest

import auftakt
from auftakt.orders import queries
from auftakt.platform.sql import Statements
from tests import build

pytestmark = pytest.mark.django_db
FLOORS = sorted(path.parent.parent.name for path in Path(auftakt.__file__).parent.glob("*/sql/verify.sql"))


def violations() -> dict[str, tuple[int, str]]:
    """What the verify statements of all floors find: only those with something wrong."""
    found: dict[str, tuple[int, str]] = {}
    for floor in FLOORS:
        statements = Statements(f"auftakt.{floor}")
        for name in statements.texts:
            if name.startswith("verify_") and (row := statements.rows(name)[0])[0]:
                found[f"{floor}.{name}"] = (row[0], row[2])
    return found


@pytest.mark.parametrize(
    ("stage", "progress"),
    [
        ("draft", "draft"),
        ("submitted", "promised"),
        ("released", "released"),
        ("picked", "released"),
        ("packed", "released"),
        ("shipped", "shipped"),
        ("billed", "shipped"),
        ("paid", "shipped"),
        ("closed", "closed"),
        ("cancelled", "cancelled"),
    ],
)
def test_an_order_reaches_every_stage(stage: str, progress: str) -> None:
    build.company()
    order_id = build.order(stage=stage, lines=[("BIKE", "2"), ("SET", "1"), ("FITTING", "1.5")])
    assert queries.progress([order_id])[order_id].stage == progress
    assert violations() == {}
