"""Reservations hold supply as promises do, until they are turned, released, or their time is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ComponentDraft, ItemDraft
from auftakt.inventory import queries as inventory
from auftakt.platform.models import JournalEntry
from auftakt.promising import actions, queries
from auftakt.promising.models import Commitment, Reservation
from auftakt.promising.tests import build
from auftakt.promising.tests.build import AT, BY, ON
from auftakt.promising.types import (
    ReservationClaim,
    ReservationDraft,
    ReservationExtension,
    ReservationFacts,
    SupplyLimit,
)
from auftakt.values import new_id

pytestmark = pytest.mark.django_db
SOON = AT + timedelta(minutes=20)
LATER: dict[str, Any] = {"actor": "test", "at": SOON}


def draft(quantity: int | str, sku: str = "bolt", **more: Any) -> ReservationDraft:
    return replace(ReservationDraft("cart", "visitor 7", SOON, Decimal(quantity), "DE", sku), **more)


def reserve(*drafts: ReservationDraft) -> list[ReservationFacts]:
    made = actions.reserve(drafts, **BY)
    assert not made.refused, made.refused
    return list(made.done)


def free(item: UUID) -> Decimal:
    return sum((quantity - drawn for _, _, quantity, drawn in build.buckets(item)), Decimal(0))


def codes(outcome: Any) -> list[str]:
    return [finding.code for each in outcome.refused for finding in each.findings]


@pytest.fixture
def bolt() -> UUID:
    build.network(BER=1, HAM=2)
    (item,) = build.items("bolt")
    build.stock(("BER", "bolt", 10), ("HAM", "bolt", 4))
    return item


def test_what_is_reserved_cannot_be_promised_to_others(bolt: UUID) -> None:
    (held,) = reserve(draft(8))
    assert (held.state, held.quantity, held.owner, held.expires_at) == ("open", 8, "visitor 7", SOON)
    assert [(piece.site_code, piece.quantity, piece.ship_on) for piece in held.pieces] == [("BER", 8, ON)]
    assert free(bolt) == 6
    assert queries.propose([build.demand(bolt, 5)], on=ON)[0].unpromised == 5
    assert build.faults() == []
    assert actions.release_reservations([held.id], **BY).done == (held.id,)
    assert free(bolt) == 14
    assert queries.reservations([held.id])[held.id].state == "released"
    again = actions.release_reservations([held.id, new_id()], **BY)
    assert codes(again) == ["reservation_ended", "unknown_reservation"]
    assert build.faults() == []
    verbs = list(JournalEntry.objects.filter(subject_id=held.id).order_by("id").values_list("verb", flat=True))
    assert verbs == ["promising.reserved", "promising.reservation_released"]


def test_all_or_nothing_and_what_could_be_had(bolt: UUID) -> None:
    made = actions.reserve([draft(12), draft(12, split_sites=True), draft(3)], **BY)
    assert [(each.subject, each.code) for each in made.refused] == [("0", "not_enough"), ("2", "not_enough")]
    assert "10 from BER" in made.refused[0].message
    assert sorted((piece.site_code, piece.quantity) for piece in made.done[0].pieces) == [("BER", 10), ("HAM", 2)]
    assert free(bolt) == 2
    part = actions.reserve([draft(5, split_sites=True)], **BY)
    assert codes(part) == ["not_enough"]
    assert free(bolt) == 2, "what was taken for a part of it went back"
    assert build.faults() == []


def test_rubbish_is_refused_and_nothing_is_held(bolt: UUID) -> None:
    rubbish = [
        draft(1, sku="nix"), draft(1, sku=""), draft(0), draft("0.5"), draft("NaN"), draft(-1), draft(1, unit="barrel"),
        draft(1, country="Germany"), draft(1, owner_kind="dog"), draft(1, owner="  "), draft(1, owner="x" * 121),
        draft(1, expires_at=AT), draft(1, expires_at=AT + timedelta(days=400)),
        draft(1, requested_ship_on=ON - timedelta(days=1)), draft(1, country="FR"),
    ]  # fmt: skip
    made = actions.reserve(rubbish, **BY)
    assert made.done == ()
    assert codes(made) == [
        "unknown_item", "item_missing", "quantity_invalid", "quantity_invalid", "quantity_invalid", "quantity_invalid",
        "unknown_unit", "country_unknown", "owner_kind_unknown", "owner_missing", "owner_missing", "expiry_in_past",
        "expiry_too_far", "date_in_past", "no_lane",
    ]  # fmt: skip
    assert not Reservation.objects.exists()
    assert not Commitment.objects.exists()
    assert not JournalEntry.objects.filter(verb__startswith="promising.reserv").exists()


def test_time_is_over_for_the_worker_and_for_whoever_meets_it(bolt: UUID) -> None:
    first, second = reserve(draft(10), draft(4, expires_at=SOON + timedelta(hours=1)))
    assert actions.expire_reservations(limit=500, **BY).done == ()
    assert build.promise(build.demand(bolt, 3))[0].unpromised == 3
    met = actions.promise([build.demand(bolt, 3)], on=ON, **LATER)[0]
    assert met.unpromised == 0, "the reservation had expired, and gave back"
    assert queries.reservations([first.id])[first.id].state == "expired"
    assert actions.expire_reservations(limit=500, **LATER).done == ()
    hour = {"actor": "worker", "at": SOON + timedelta(hours=1)}
    assert actions.expire_reservations(limit=500, **hour).done == (second.id,)
    assert codes(actions.release_reservations([second.id], **hour)) == ["reservation_expired"]
    assert build.faults() == []


def test_the_worker_gives_back_in_batches(bolt: UUID) -> None:
    reserve(*(draft(1) for _ in range(5)))
    assert [len(actions.expire_reservations(limit=2, **LATER).done) for _ in range(4)] == [2, 2, 1, 0]
    assert free(bolt) == 14
    assert build.faults() == []


def test_extending(bolt: UUID) -> None:
    held, over = reserve(draft(1), draft(1, expires_at=AT + timedelta(minutes=1)))
    until = SOON + timedelta(days=1)
    now = {"actor": "test", "at": AT + timedelta(minutes=2)}
    wishes = [
        ReservationExtension(held.id, until),
        ReservationExtension(over.id, until),
        ReservationExtension(new_id(), until),
    ]
    outcome = actions.extend_reservations(wishes, **now)
    assert outcome.done == (held.id,)
    assert codes(outcome) == ["reservation_expired", "unknown_reservation"]
    assert queries.reservations([held.id])[held.id].expires_at == until
    wrong = [ReservationExtension(held.id, AT), ReservationExtension(held.id, AT + timedelta(days=500))]
    assert [codes(actions.extend_reservations([each], **now)) for each in wrong] == [
        ["expiry_in_past"], ["expiry_too_far"]
    ]  # fmt: skip
    assert queries.reservations([held.id])[held.id].expires_at == until


def test_a_kit_is_held_by_its_parts(bolt: UUID) -> None:
    catalog.save_items([ItemDraft("nut", "nut", unit="each")], **BY)
    kit = ItemDraft("set", "set", kind="kit", unit="each", components=(ComponentDraft("bolt", Decimal(2)),))
    catalog.activate(catalog.save_items([kit], **BY).done, **BY)
    (held,) = reserve(draft(3, sku="set"))
    assert free(bolt) == 8
    assert build.faults() == []
    actions.release_reservations([held.id], **BY)
    assert free(bolt) == 14


def test_what_lines_may_claim(bolt: UUID) -> None:
    build.items("nut")
    build.stock(("BER", "nut", 9))
    held, small, other, gone, over = reserve(
        draft(4), draft(1), draft(2, sku="nut"), draft(1), draft(1, expires_at=AT + timedelta(seconds=1))
    )
    actions.release_reservations([gone.id], **BY)

    def claim(quantity: int, *keys: UUID) -> ReservationClaim:
        return ReservationClaim(new_id(), bolt, Decimal(quantity), keys, "/lines/0/reservations")

    claims = [
        claim(5, held.id, small.id), claim(1, held.id), claim(1, new_id()), claim(2, other.id), claim(1, gone.id),
        claim(1, over.id),
    ]  # fmt: skip
    outcome = actions.claim_reservations(claims, actor="test", at=AT + timedelta(seconds=2))
    assert outcome.done == (claims[0].line_id,)
    assert codes(outcome) == [
        "reservation_named_twice", "unknown_reservation", "reservation_of_other_item", "reservation_ended",
        "reservation_expired",
    ]  # fmt: skip
    assert codes(actions.claim_reservations([claim(6, held.id, small.id)], **BY)) == ["reservation_too_small"]
    assert build.faults() == []


def test_supply_that_will_not_come_releases_the_reservation() -> None:
    build.network(BER=1)
    (bolt,) = build.items("bolt")
    build.purchase("BER", "bolt", 5, 3)
    (held,) = reserve(draft(5))
    bucket = next(each for each in inventory.supply([bolt]) if each.kind == "purchase")
    lost = actions.free_supply([SupplyLimit(bucket.id, Decimal(2))], **BY).done
    assert [(each.quantity, each.reserved) for each in lost] == [(3, True)]
    assert queries.reservations([held.id])[held.id].state == "released"
    assert free(bolt) == 5
    assert build.faults() == []


def test_a_reservation_that_holds_less_is_found_out(bolt: UUID) -> None:
    reserve(draft(4))
    Commitment.objects.update(quantity=3)
    assert any(fault.startswith("verify_reservations_hold") for fault in build.faults())


def test_many_cost_as_many_statements_as_one(bolt: UUID) -> None:
    build.stock(("BER", "bolt", 1000))

    def life(count: int) -> Callable[[], None]:
        def run() -> None:
            ids = [each.id for each in reserve(*(draft(1) for _ in range(count)))]
            until = SOON + timedelta(hours=1)
            assert not actions.extend_reservations([ReservationExtension(key, until) for key in ids], **BY).refused
            assert not actions.release_reservations(ids, **BY).refused

        return run

    life(1)()
    assert build.count_statements(life(1)) == build.count_statements(life(300))
