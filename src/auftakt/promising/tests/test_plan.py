"""Plans as text: a world of supply and wishes goes in, who gets what from where and when comes out."""

from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest

from auftakt.promising.engine import put_back
from auftakt.promising.engine.plan import propose
from auftakt.promising.tests.world import World, day

LOOK_AHEAD = """
    site BER
    lane BER DE 1
    supply bolt BER hand 50
    supply bolt BER d10 40
    want X bolt 30 DE ship=d2
    want Y bolt 15 DE ship=d8
"""
TWO_SITES = """
    site BER
    site HAM
    lane BER DE 1 4.90
    lane HAM DE 2 3.90
"""

CASES = {
    "of what is on hand, only what nobody needs later is free": (
        LOOK_AHEAD + "want Z bolt 10 DE",
        "X 30 BER d2 d3 bolt:BER@hand*30\nY 15 BER d8 d9 bolt:BER@hand*15\nZ 10 BER d10 d11 bolt:BER@d10*10",
    ),
    "the same, in two deliveries": (
        LOOK_AHEAD + "want Z bolt 10 DE split=dates",
        "X 30 BER d2 d3 bolt:BER@hand*30\nY 15 BER d8 d9 bolt:BER@hand*15\n"
        "Z 5 BER d1 d2 bolt:BER@hand*5\nZ 5 BER d10 d11 bolt:BER@d10*5",
    ),
    "a wish far ahead takes the latest supply in time and leaves the shelf to others": (
        LOOK_AHEAD + "want Z bolt 10 DE ship=d12\nwant W bolt 5 DE",
        "X 30 BER d2 d3 bolt:BER@hand*30\nY 15 BER d8 d9 bolt:BER@hand*15\n"
        "Z 10 BER d12 d13 bolt:BER@d10*10\nW 5 BER d1 d2 bolt:BER@hand*5",
    ),
    "the quicker site": (
        TWO_SITES + "supply bolt BER hand 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE",
        "A 5 BER d1 d2 bolt:BER@hand*5",
    ),
    "equally quick: the cheaper": (
        "site BER\nsite HAM\nlane BER DE 2 4.90\nlane HAM DE 2 3.90\n"
        "supply bolt BER hand 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE",
        "A 5 HAM d1 d3 bolt:HAM@hand*5",
    ),
    "the whole from the far site is there sooner than from the near one": (
        TWO_SITES + "supply bolt BER d5 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE",
        "A 5 HAM d1 d3 bolt:HAM@hand*5",
    ),
    "one asks after another and gets what is left": (
        TWO_SITES + "supply bolt BER hand 7\nsupply bolt HAM hand 9\nwant A bolt 5 DE\nwant B bolt 5 DE",
        "A 5 BER d1 d2 bolt:BER@hand*5\nB 5 HAM d1 d3 bolt:HAM@hand*5",
    ),
    "priority goes first, whatever the order of asking": (
        "site BER\nlane BER DE 1\nsupply bolt BER hand 5\nwant A bolt 5 DE\nwant B bolt 5 DE prio=1",
        "A 5 -\nB 5 BER d1 d2 bolt:BER@hand*5",
    ),
    "an arrival is aimed for, not run ahead of": (
        TWO_SITES + "supply bolt BER hand 9\nwant A bolt 5 DE arrive=d9",
        "A 5 BER d8 d9 bolt:BER@hand*5",
    ),
    "an arrival that cannot be met is met as soon as possible": (
        TWO_SITES + "supply bolt BER d6 9\nsupply bolt HAM d4 9\nwant A bolt 5 DE arrive=d3",
        "A 5 HAM d4 d6 bolt:HAM@d4*5",
    ),
    "a day to ship that only the slower site can keep": (
        TWO_SITES + "supply bolt BER d5 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE ship=d4",
        "A 5 HAM d4 d6 bolt:HAM@hand*5",
    ),
    "not before": (
        TWO_SITES + "supply bolt BER hand 9\nwant A bolt 5 DE after=d7",
        "A 5 BER d7 d8 bolt:BER@hand*5",
    ),
    "processing takes its days, also for what is to come": (
        "site BER 2\nlane BER DE 1\nsupply bolt BER hand 3\nsupply bolt BER d5 9\nwant A bolt 3 DE\nwant B bolt 4 DE",
        "A 3 BER d3 d4 bolt:BER@hand*3\nB 4 BER d7 d8 bolt:BER@d5*4",
    ),
    "the latest in time first, the rest from before": (
        "site BER\nlane BER DE 1\nsupply bolt BER hand 9\nsupply bolt BER d3 2\nsupply bolt BER d4 2\n"
        "want A bolt 5 DE ship=d4",
        "A 5 BER d4 d5 bolt:BER@d4*2 bolt:BER@d3*2 bolt:BER@hand*1",
    ),
    "no half bicycle": (
        "site BER\nlane BER DE 1\nsupply bike BER hand 1.5\nsupply bike BER d4 1\nwant A bike 2 DE split=dates",
        "A 1 BER d1 d2 bike:BER@hand*1\nA 1 BER d4 d5 bike:BER@d4*1",
    ),
    "half a metre is fine": (
        "site BER\nlane BER DE 1\nsupply hose BER hand 1.5\nsupply hose BER d4 1\n"
        "want A hose 2 DE split=dates step=0.5",
        "A 1.5 BER d1 d2 hose:BER@hand*1.5\nA 0.5 BER d4 d5 hose:BER@d4*0.5",
    ),
    "two sites together, all there on one day": (
        TWO_SITES
        + "supply bolt BER hand 4\nsupply bolt HAM hand 6\nsupply bolt BER d9 6\nwant A bolt 10 DE split=sites",
        "A 6 HAM d1 d3 bolt:HAM@hand*6\nA 4 BER d2 d3 bolt:BER@hand*4",
    ),
    "one site alone, if it is there on the same day": (
        TWO_SITES + "supply bolt BER d2 10\nsupply bolt HAM hand 6\nwant A bolt 10 DE split=sites",
        "A 10 BER d2 d3 bolt:BER@d2*10",
    ),
    "over sites and dates, each as early as can be": (
        TWO_SITES
        + "supply bolt BER hand 4\nsupply bolt HAM hand 3\nsupply bolt BER d9 6\nwant A bolt 10 DE split=dates,sites",
        "A 4 BER d1 d2 bolt:BER@hand*4\nA 3 HAM d1 d3 bolt:HAM@hand*3\nA 3 BER d9 d10 bolt:BER@d9*3",
    ),
    "no splitting wanted, none done": (
        TWO_SITES + "supply bolt BER hand 4\nsupply bolt HAM hand 6\nwant A bolt 10 DE",
        "A 10 -",
    ),
    "what never comes is not promised": (
        TWO_SITES + "supply bolt BER hand 4\nsupply bolt HAM hand 3\nwant A bolt 10 DE split=dates",
        "A 4 BER d1 d2 bolt:BER@hand*4\nA 6 -",
    ),
    "several pieces on one day: whole or nothing": (
        TWO_SITES + "supply bolt BER hand 4\nsupply bolt HAM hand 3\nwant A bolt 10 DE split=sites",
        "A 10 -",
    ),
    "a kit waits for its last part, and one site has it all": (
        TWO_SITES + "kit set bolt*2 nut*1\nsupply bolt BER hand 9\nsupply nut BER d4 3\nsupply nut HAM hand 9\n"
        "supply bolt HAM d6 9\nwant A set 3 DE",
        "A 3 BER d4 d5 bolt:BER@hand*6 nut:BER@d4*3",
    ),
    "a kit in two deliveries is whole kits": (
        "site BER\nlane BER DE 1\nkit set bolt*2 nut*1\nsupply bolt BER hand 5\nsupply nut BER hand 9\n"
        "supply bolt BER d7 9\nwant A set 3 DE split=dates",
        "A 2 BER d1 d2 bolt:BER@hand*4 nut:BER@hand*2\nA 1 BER d7 d8 bolt:BER@d7*2 nut:BER@hand*1",
    ),
    "a kit that names a part twice takes it twice": (
        "site BER\nlane BER DE 1\nkit set bolt*1 bolt*1\nsupply bolt BER hand 3\nwant A set 2 DE\nwant B set 1 DE",
        "A 2 -\nB 1 BER d1 d2 bolt:BER@hand*2",
    ),
    "a kit and its part compete in one batch": (
        "site BER\nlane BER DE 1\nkit set bolt*2 nut*1\nsupply bolt BER hand 5\nsupply nut BER hand 9\n"
        "want A set 2 DE\nwant B bolt 2 DE\nwant C bolt 1 DE",
        "A 2 BER d1 d2 bolt:BER@hand*4 nut:BER@hand*2\nB 2 -\nC 1 BER d1 d2 bolt:BER@hand*1",
    ),
    "a site chosen by hand": (
        TWO_SITES + "supply bolt BER hand 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE from=HAM",
        "A 5 HAM d1 d3 bolt:HAM@hand*5",
    ),
    "a region of its own, and everywhere else": (
        "site BER\nlane BER DE 1\nlane BER DE/Sylt 4\nlane BER * 9\nsupply bolt BER hand 9\n"
        "want A bolt 1 DE/Sylt\nwant B bolt 1 DE/Bayern\nwant C bolt 1 NZ",
        "A 1 BER d1 d5 bolt:BER@hand*1\nB 1 BER d1 d2 bolt:BER@hand*1\nC 1 BER d1 d10 bolt:BER@hand*1",
    ),
    "no way there": ("site BER\nlane BER DE 1\nsupply bolt BER hand 9\nwant A bolt 1 NZ", "A 1 -"),
    "processing takes working days, the way takes days (AT-GOP-2)": (
        "site BER 5 12345\nlane BER DE 3\nsupply bolt BER hand 9\nwant A bolt 5 DE",
        "A 5 BER d8 d11 bolt:BER@hand*5",
    ),
    "what comes on a Saturday leaves on Monday": (
        "site BER 0 12345\nlane BER DE 1\nsupply bolt BER d6 9\nwant A bolt 5 DE",
        "A 5 BER d8 d9 bolt:BER@d6*5",
    ),
    "an arrival on Monday is met by leaving on Friday, and takes nothing that comes later": (
        "site BER 1 12345\nlane BER DE 2\nsupply bolt BER hand 9\nsupply bolt BER d5 9\nwant A bolt 5 DE arrive=d8",
        "A 5 BER d5 d7 bolt:BER@hand*5",
    ),
    "the site that works on Saturdays is there first": (
        "site BER 0 12345\nsite HAM 0 123456\nlane BER DE 1\nlane HAM DE 1\n"
        "supply bolt BER d6 9\nsupply bolt HAM d6 9\nwant A bolt 5 DE",
        "A 5 HAM d6 d7 bolt:HAM@d6*5",
    ),
    "pieces leave on days on which the site works": (
        "site BER 0 12345\nlane BER DE 1\nsupply bolt BER hand 4\nsupply bolt BER d6 9\nwant A bolt 5 DE split=dates",
        "A 4 BER d1 d2 bolt:BER@hand*4\nA 1 BER d8 d9 bolt:BER@d6*1",
    ),
    "a service needs no stock": ("kit fitting\nwant A fitting 1 DE ship=d4", "A 1 anywhere d4 d4"),
}


def world(text: str) -> World:
    return World("\n".join(line.strip() for line in dedent(text).splitlines() if line.strip()))


@pytest.mark.parametrize("story", CASES)
def test_plan(story: str) -> None:
    text, expected = CASES[story]
    made = world(text)
    assert made.told(made.plan()) == expected


def test_after_the_cut_off_a_site_begins_on_the_next_working_day() -> None:
    made = world("site BER 0 12345 15:00\nlane BER DE 1\nsupply bolt BER hand 9\nwant A bolt 5 DE")
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert made.told(made.plan(on="d5", at=friday)) == "A 5 BER d5 d6 bolt:BER@hand*5"
    made = world("site BER 0 12345 15:00\nlane BER DE 1\nsupply bolt BER hand 9\nwant A bolt 5 DE")
    assert made.told(made.plan(on="d5", at=friday + timedelta(minutes=1))) == "A 5 BER d8 d9 bolt:BER@hand*5"


def test_what_is_overdue_counts_for_tomorrow() -> None:
    made = world("site BER\nlane BER DE 1\nsupply bolt BER d2 9\nwant A bolt 5 DE")
    assert made.told(made.plan(on="d6")) == "A 5 BER d7 d8 bolt:BER@d2*5"
    assert made.told(made.plan(on="d2")) == "A 5 -"
    made = world("site BER\nlane BER DE 1\nsupply bolt BER d2 9\nwant A bolt 5 DE")
    assert made.told(made.plan(on="d2")) == "A 5 BER d2 d3 bolt:BER@d2*5"


def test_the_reason_names_site_way_epoch_and_what_others_could_do() -> None:
    made = world(TWO_SITES + "supply bolt BER d5 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE arrive=d2")
    reason = made.plan()[0].reason
    assert reason == {
        "epoch": 1, "why": "later_than_wished", "late_days": 1, "site": "HAM", "carrier": "post", "transit_days": 2,
        "cost": "3.90", "currency": "EUR",
        "candidates": [["BER", "2026-03-07", "4.90", "later"], ["HAM", "2026-03-04", "3.90", ""]],
    }  # fmt: skip


def test_a_shortage_says_what_could_be_had_and_when() -> None:
    made = world(TWO_SITES + "supply bolt BER d5 4\nsupply bolt HAM hand 3\nwant A bolt 10 DE")
    promise = made.plan()[0]
    assert promise.unpromised == 10
    assert promise.reason["why"] == "not_enough"
    assert promise.reason["could"] == [
        {"site": "BER", "quantity": "4", "ship_on": "2026-03-06", "arrive_on": "2026-03-07"},
        {"site": "HAM", "quantity": "3", "ship_on": "2026-03-02", "arrive_on": "2026-03-04"},
    ]
    assert world("site BER\nwant A bolt 1 NZ").plan()[0].reason["why"] == "no_lane"


def test_the_first_piece_keeps_the_id_and_the_others_get_their_own() -> None:
    made = world(LOOK_AHEAD + "want Z bolt 60 DE split=dates")
    promise = made.plan()[2]
    assert [piece.site_code for piece in promise.pieces] == ["BER", "BER", ""]
    assert promise.pieces[0].demand_id == promise.demand_id
    assert len({piece.demand_id for piece in promise.pieces}) == 3
    assert promise.unpromised == 15


def test_takes_are_put_back() -> None:
    made = world(LOOK_AHEAD)
    first, taken, _ = propose(made.picture, made.demands, day("d1"))
    put_back(taken)
    second, _, _ = propose(made.picture, made.demands, day("d1"))
    assert first == second
