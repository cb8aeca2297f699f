"""Scanning: what a code means on a walk, what is booked once, what is refused, and the release booked from it."""

from decimal import Decimal
from uuid import UUID

import pytest

from auftakt.fulfilment import actions, queries, rules
from auftakt.fulfilment.models import Pick, Scan
from auftakt.fulfilment.tests import build
from auftakt.fulfilment.tests.build import BY
from auftakt.fulfilment.types import ScanDraft, Shortage, WaveDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import PlacingDraft
from auftakt.values import new_id, new_ids

pytestmark = pytest.mark.django_db


def read(code: str, release_id: UUID, **more: object) -> ScanDraft:
    return ScanDraft(new_id(), code, release_id, **more)


def ready(*lines: tuple[str, int]) -> UUID:
    build.company()
    for sku in ("BELL", "LAMP"):
        build.receive(sku, 20)
    return build.released(build.order(*lines))[0]


def scanned(release_id: UUID) -> dict[str, Decimal]:
    return {pick.sku: pick.scanned for pick in queries.picks([release_id])[release_id]}


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("4006381333931", "4006381333931"),
        ("04006381333931", "4006381333931"),
        ("]C10104006381333931", "4006381333931"),
        ("(01)04006381333931(10)LOT7", "4006381333931"),
        ("96385074", "96385074"),
        ("0000096385074", "96385074"),
        (" rl-000042\n", "RL-000042"),
    ],
)
def test_a_code_is_found_however_it_was_printed(code: str, form: str) -> None:
    assert form in rules.code_forms(code)


@pytest.mark.parametrize("rubbish", ["", "   ", "\x00\x01", "x" * 500, "🚲" * 121, "a\x07b"])
def test_rubbish_is_no_code(rubbish: str) -> None:
    assert rules.code_forms(rubbish) == ()


def test_the_right_item_counts_up_by_sku_or_gtin_and_moves_nothing_else() -> None:
    release_id = ready(("BELL", 2), ("LAMP", 1))
    assert not actions.scan([read("bell", release_id), read("4006381333931", release_id)], **BY).refused
    assert scanned(release_id) == {"BELL": 1, "LAMP": 1}
    assert queries.releases(ids=[release_id])[release_id].state == "released"
    assert build.on_hand("BELL") == (20, 2)
    told = build.entries("fulfilment.scanned")[0].change
    assert (told["item"], Decimal(told["quantity"])) == ("BELL", 1)
    assert not build.violations()


def test_wrong_items_and_rubbish_are_refused_by_name_and_nothing_moves() -> None:
    release_id = ready(("BELL", 2))
    aim = queries.picks([release_id])[release_id][0].id
    before = build.picture()
    refused = actions.scan(
        [
            read("LAMP", release_id),
            read("LAMP", release_id, pick_id=aim),
            read("12345", release_id),
            read("🚲", release_id),
            read("", release_id),
            read("BELL", release_id, pick_id=new_id()),
            read("BELL", new_id()),
            read("BELL", release_id, quantity=Decimal(3)),
            read("BELL", release_id, quantity=Decimal("0.5")),
            read("BELL", release_id, quantity=Decimal(-1)),
            read("BELL", release_id, quantity=Decimal("NaN")),
        ],
        **BY,
    ).refused
    assert [refusal.code for refusal in refused] == [
        "not_on_list", "wrong_item", "code_unknown", "code_unknown", "code_missing", "unknown_pick", "walk_unknown",
        "scanned_too_much", "quantity_fractional", "quantity_not_positive", "quantity_not_positive",
    ]  # fmt: skip
    assert refused[1].findings[0].facts["wanted"] == "BELL"
    assert build.picture() == before


def test_the_same_scan_told_twice_counts_once() -> None:
    release_id = ready(("BELL", 3))
    once = read("BELL", release_id)
    assert [done.quantity for done in actions.scan([once, once], **BY).done] == [1, 1]
    again = actions.scan([once], **BY)
    assert (again.done[0].kind, again.done[0].step.scanned) == ("piece", 1)
    assert scanned(release_id) == {"BELL": 1}
    assert Scan.objects.count() == 1
    assert not build.violations()


def test_more_than_asked_is_refused_also_within_one_batch() -> None:
    release_id = ready(("BELL", 2))
    outcome = actions.scan([read("BELL", release_id) for _ in range(3)], **BY)
    assert len(outcome.done) == 2
    assert outcome.refused[0].code == "scanned_too_much"
    assert scanned(release_id) == {"BELL": 2}
    assert not build.violations()


def test_a_scan_is_taken_back_once() -> None:
    release_id = ready(("BELL", 3))
    first, second = read("BELL", release_id), read("BELL", release_id, quantity=Decimal(2))
    actions.scan([first, second], **BY)
    aim = queries.picks([release_id])[release_id][0].id
    assert queries.last_scan([aim]) == second.id
    assert actions.unscan([second.id], **BY).done[0].step.scanned == 1
    assert queries.last_scan([aim]) == first.id
    before = build.picture()
    refused = actions.unscan([second.id, new_id(), Scan.objects.get(undoes_id=second.id).id], **BY).refused
    assert [refusal.code for refusal in refused] == ["scan_undone", "unknown_scan", "unknown_scan"]
    assert build.picture() == before
    assert not build.violations()


def test_a_release_is_booked_when_all_is_scanned_and_then_scans_stand() -> None:
    release_id = ready(("SET", 1))
    assert actions.pick_scanned([release_id], **BY).refused[0].code == "picks_missing"
    code = read("BELL", release_id, quantity=Decimal(2))
    actions.scan([code, read("LAMP", release_id)], **BY)
    assert actions.pick_scanned([release_id], **BY).done == (release_id,)
    assert queries.releases(ids=[release_id])[release_id].state == "picked"
    assert actions.unscan([code.id], **BY).refused[0].code == "not_to_pick"
    assert actions.scan([read("LAMP", release_id)], **BY).refused[0].code == "not_to_pick"
    assert not build.violations()


def test_what_is_damaged_is_booked_as_damage_and_the_rest_is_promised_again() -> None:
    release_id = ready(("BELL", 5))
    pick = queries.picks([release_id])[release_id][0]
    actions.scan([read("BELL", release_id, quantity=Decimal(3))], **BY)
    assert actions.mark_short([Shortage(pick.id, "nonsense")], **BY).refused[0].code == "reason_unknown"
    assert actions.mark_short([Shortage(pick.id, "damaged")], **BY).done == (pick.id,)
    assert actions.pick_scanned([release_id], **BY).done == (release_id,)
    assert build.entries("inventory.adjusted")[-1].change["reason"] == "damage"
    assert build.entries("fulfilment.picked")[0].change["short"][0]["reason"] == "damaged"
    assert build.on_hand("BELL") == (18, 5)
    assert not build.violations()


def test_a_shortage_is_taken_back_and_never_of_what_is_there() -> None:
    release_id = ready(("BELL", 1))
    pick = queries.picks([release_id])[release_id][0]
    actions.mark_short([Shortage(pick.id, "not_found")], **BY)
    actions.mark_short([Shortage(pick.id, "")], **BY)
    assert Pick.objects.get(id=pick.id).short_reason == ""
    actions.scan([read("BELL", release_id)], **BY)
    assert actions.mark_short([Shortage(pick.id, "not_found")], **BY).refused[0].code == "nothing_missing"
    assert actions.mark_short([Shortage(new_id(), "not_found")], **BY).refused[0].code == "unknown_pick"


def test_places_are_confirmed_and_wrong_ones_told() -> None:
    release_id = ready(("BELL", 1), ("LAMP", 1))
    inventory.place([PlacingDraft("HAM", "LAMP", "A-1"), PlacingDraft("HAM", "BELL", "B-1")], **BY)
    steps = queries.steps_of(release_ids=[release_id])
    assert [(step.bin, step.sku) for step in steps] == [("A-1", "LAMP"), ("B-1", "BELL")]
    before = build.picture()
    aimed = steps[0].pick_id
    number = queries.releases(ids=[release_id])[release_id].number
    outcome = actions.scan(
        [read(code, release_id, pick_id=aimed) for code in ("a-1", number, "B-1", "WV-000001")], **BY
    )
    assert [done.kind for done in outcome.done] == ["bin", "release"]
    assert [refusal.code for refusal in outcome.refused] == ["wrong_bin", "code_unknown"]
    assert build.picture() == before


def test_one_item_for_many_totes_fills_one_after_the_other() -> None:
    build.company()
    build.receive("BELL", 20)
    releases = build.released(*build.place([[("BELL", 2)], [("BELL", 1)]]))
    site_id = queries.releases(ids=releases)[releases[0]].site_id
    wave_id = actions.create_waves([WaveDraft(site_id, tuple(releases))], **BY).one()
    done = actions.scan([ScanDraft(key, "BELL", wave_id=wave_id) for key in new_ids(4)], **BY)
    assert [taken.step.tote for taken in done.done] == [1, 1, 2]
    assert done.refused[0].code == "scanned_too_much"
    assert actions.pick_scanned(releases, **BY).done == tuple(releases)
    assert queries.waves(ids=[wave_id])[0].state == "picked"
    assert not build.violations()


def test_scanning_costs_the_same_for_one_and_many() -> None:
    release_id = ready(("BELL", 19))
    one = build.count_statements(lambda: actions.scan([read("BELL", release_id)], **BY))
    assert build.count_statements(lambda: actions.scan([read("BELL", release_id) for _ in range(12)], **BY)) == one
