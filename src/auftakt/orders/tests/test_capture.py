"""Capture: once each, filled in, all problems named, nothing left behind."""

import pytest

from tests import build

pytestmark = pytest.mark.django_db


def test_smoke() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "2"), ("SET", "1"), ("FITTING", "1.5"), ("FRAME", "1")])
    from auftakt.orders import queries

    page = queries.order_page(order_id)
    print(page)
