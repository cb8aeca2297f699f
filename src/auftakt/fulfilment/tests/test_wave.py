"""Waves: made, picked in one walk, taken apart; every release knows its tote."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from auftakt.fulfilment import actions, queries
from auftakt.fulfilment.tests import build
from auftakt.fulfilment.tests.build import BY
from auftakt.fulfilment.types import LARGEST_WAVE, WaveCandidate, WaveDraft
from auftakt.values import new_id, new_ids


def ready(count: int) -> tuple[UUID, list[UUID]]:
    sites = build.company(HAM=1, MUC=4)
    build.receive("BELL", 500)
    return sites["HAM"], build.released(*build.place([[("BELL", 1)]] * count))


@pytest.mark.django_db
def test_a_wave_is_picked_when_its_last_release_is() -> None:
    site_id, releases = ready(3)
    wave_id = actions.create_waves([WaveDraft(site_id, tuple(releases))], **BY).one()
    wave = queries.waves(site_id=site_id, state="open")[0]
    assert (wave.id, wave.number[:3], wave.releases, wave.to_pick, wave.pieces) == (wave_id, "WV-", 3, 3, 3)
    assert build.entries("fulfilment.wave_created")[0].change["site"] == "HAM"
    assert queries.wave_candidates(site_id) == []
    assert not build.violations()
    actions.pick_whole(releases[:1], **BY)
    actions.recall(releases[1:2], **BY)
    assert queries.waves(ids=[wave_id])[0].state == "open"
    assert not build.violations()
    actions.pick_whole(releases[2:], **BY)
    ended = queries.waves(ids=[wave_id])[0]
    assert (ended.state, ended.releases, ended.ended_at) == ("picked", 2, build.AT)
    assert len(build.entries("fulfilment.wave_picked")) == 1
    assert not build.violations()


@pytest.mark.django_db
def test_a_wave_of_which_all_is_taken_back_is_cancelled() -> None:
    site_id, releases = ready(2)
    wave_id = actions.create_waves([WaveDraft(site_id, tuple(releases))], **BY).one()
    actions.recall(releases, **BY)
    assert queries.waves(ids=[wave_id])[0].state == "cancelled"
    assert not build.violations()


@pytest.mark.django_db
def test_a_wave_is_taken_apart_until_something_of_it_is_picked() -> None:
    site_id, releases = ready(2)
    wave_id = actions.create_waves([WaveDraft(site_id, tuple(releases))], **BY).one()
    assert actions.disband([wave_id], **BY).done == (wave_id,)
    assert len(queries.wave_candidates(site_id)) == 2
    assert actions.disband([wave_id, new_id()], **BY).refused[1].code == "unknown_wave"
    again = actions.create_waves([WaveDraft(site_id, tuple(releases))], **BY).one()
    actions.pick_whole(releases[:1], **BY)
    before = build.picture()
    assert actions.disband([again], **BY).refused[0].code == "not_to_disband"
    assert build.picture() == before
    assert not build.violations()


@pytest.mark.django_db
def test_every_problem_of_a_wave_is_told_and_nothing_moves() -> None:
    site_id, releases = ready(3)
    actions.create_waves([WaveDraft(site_id, (releases[0],))], **BY).one()
    actions.pick_whole(releases[1:2], **BY)
    before = build.picture()
    drafts = [
        WaveDraft(site_id, ()),
        WaveDraft(site_id, (*releases[:2], new_id())),
        WaveDraft(new_id(), (releases[2],)),
        WaveDraft(site_id, (releases[2], releases[2])),
        WaveDraft(site_id, tuple(new_ids(LARGEST_WAVE + 1))),
    ]
    refused = actions.create_waves(drafts, **BY).refused
    assert [refusal.code for refusal in refused] == [
        "no_releases", "in_a_wave", "other_site", "named_twice", "wave_too_large",
    ]  # fmt: skip
    assert [finding.code for finding in refused[1].findings] == ["in_a_wave", "not_to_pick", "unknown_release"]
    assert build.picture() == before


@pytest.mark.django_db
def test_making_waves_costs_the_same_for_one_and_many() -> None:
    site_id, releases = ready(31)
    one = build.count_statements(lambda: actions.create_waves([WaveDraft(site_id, (releases[0],))], **BY))
    drafts = [WaveDraft(site_id, tuple(releases[start : start + 10])) for start in (1, 11, 21)]
    assert build.count_statements(lambda: actions.create_waves(drafts, **BY)) <= one + 2  # COPY takes three round trips


def candidate(number: int, on: int, carrier: str, priority: int = 100) -> WaveCandidate:
    day, one = date(2026, 3, on), Decimal(1)
    return WaveCandidate(new_id(), f"RL-{number}", f"O-{number}", "Radhaus", day, priority, carrier, 1, one, one)


def test_suggestions_are_of_one_day_and_carrier_urgent_first_and_never_of_one() -> None:
    found = queries.wave_suggestions(
        [
            candidate(1, 3, "dhl"), candidate(2, 3, "dhl", 1), candidate(3, 3, "dhl"), candidate(4, 3, "ups"),
            candidate(5, 2, "dhl"), candidate(6, 2, "dhl"),
        ],
        size=2,
    )  # fmt: skip
    assert [[each.number for each in wave.releases] for wave in found] == [["RL-5", "RL-6"], ["RL-2", "RL-1"]]
