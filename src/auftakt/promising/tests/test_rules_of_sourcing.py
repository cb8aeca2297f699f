"""Promising by sourcing rules: text worlds in, text promises out. Day 1 is today."""

import pytest

from auftakt.promising.tests.world import World

BERLIN_AND_HAMBURG = """
site BER 0
site HAM 0
lane BER DE 1 5
lane HAM DE 1 4
"""
FROM_BERLIN_FIRST = """
source R 1 ship BER
source R 2 ship HAM
use R bolt
"""

CASES = {
    "the first source that is in time, though another is nearer or cheaper": (
        "rule R" + FROM_BERLIN_FIRST + "supply bolt BER hand 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE arrive=d3",
        "A 5 BER d2 d3 bolt:BER@hand*5",
    ),
    "without a wish, the first that waits for nothing": (
        "rule R" + FROM_BERLIN_FIRST + "supply bolt BER d4 9\nsupply bolt HAM hand 9\nwant A bolt 5 DE",
        "A 5 HAM d1 d2 bolt:HAM@hand*5",
    ),
    "when none is in time, the earliest": (
        "rule R" + FROM_BERLIN_FIRST + "supply bolt BER d9 9\nsupply bolt HAM d7 9\nwant A bolt 5 DE arrive=d3",
        "A 5 HAM d7 d8 bolt:HAM@d7*5",
    ),
    "a site that is no source is not asked": (
        "rule R\nsource R 1 ship BER\nuse R bolt\nsupply bolt HAM hand 9\nsupply bolt BER d6 9\nwant A bolt 5 DE",
        "A 5 BER d6 d7 bolt:BER@d6*5",
    ),
    "what another rule is for keeps its own ways": (
        "rule R\nsource R 1 ship BER\nuse R class=vip\nsupply bolt HAM hand 9\nsupply bolt BER d6 9\n"
        "want A bolt 5 DE class=vip\nwant B bolt 5 DE",
        "A 5 BER d6 d7 bolt:BER@d6*5\nB 5 HAM d1 d2 bolt:HAM@hand*5",
    ),
    "transferred, then shipped": (
        "rule R\nsource R 1 ship BER\nsource R 2 transfer BER from=HAM days=2\nuse R bolt\nsupply bolt HAM hand 9\n"
        "supply bolt HAM d2 50\nwant A bolt 5 DE",
        "A 5 BER d3 d4 bolt:HAM@hand*5 transfer*5@d3",
    ),
    "only what lies on the shelf is transferred": (
        "rule R\nsource R 1 transfer BER from=HAM days=2\nuse R bolt\nsupply bolt HAM d2 50\nwant A bolt 5 DE",
        "A 5 -",
    ),
    "bought when nothing is there": (
        "rule R\nsource R 1 ship BER\nsource R 2 buy BER by=acme\nuse R bolt\nbuys bolt acme 7\nwant A bolt 5 DE",
        "A 5 BER d8 d9 buy*5@d8",
    ),
    "what is missing is bought": (
        "rule R\nsource R 1 buy BER by=acme\nuse R bolt\nbuys bolt acme 7\nsupply bolt BER hand 3\nwant A bolt 5 DE",
        "A 5 BER d8 d9 bolt:BER@hand*3 buy*2@d8",
    ),
    "what is there now leaves first, where the line may be divided": (
        "rule R\nsource R 1 buy BER by=acme\nuse R bolt\nbuys bolt acme 7\nsupply bolt BER hand 3\n"
        "want A bolt 5 DE split=dates",
        "A 3 BER d1 d2 bolt:BER@hand*3\nA 2 BER d8 d9 buy*2@d8",
    ),
    "no terms with the supplier, no way": (
        "rule R\nsource R 1 buy BER by=acme\nuse R bolt\nwant A bolt 5 DE",
        "A 5 -",
    ),
    "AT-GOP-P off: Berlin is first and in time": (
        "rule R" + FROM_BERLIN_FIRST + "supply bolt BER hand 1\nsupply bolt HAM hand 1\nwant A bolt 1 DE arrive=d3",
        "A 1 BER d2 d3 bolt:BER@hand*1",
    ),
    "by lead time only: nothing is taken": (
        "rule R mode=lead_time lead=4\nsource R 1 ship BER\nuse R bolt\nwant A bolt 5 DE",
        "A 5 BER d5 d6 lead_time",
    ),
    "AT-GOP-3: beyond the fence nothing is checked nor consumed": (
        "rule R infinite=10\nsource R 1 ship BER\nuse R bolt\nwant A bolt 5 DE ship=d12\nwant B bolt 5 DE ship=d5",
        "A 5 BER d12 d13 beyond_fence\nB 5 -",
    ),
    "only the kinds of supply that count": (
        "rule R counts=transfer\nsource R 1 ship BER\nuse R bolt\nsupply bolt BER d4 9\nsupply bolt BER d6 9 transfer\n"
        "want A bolt 5 DE",
        "A 5 BER d6 d7 bolt:BER@d6*5",
    ),
    "what is overdue for too long does not count": (
        "rule R past_due=2\nsource R 1 ship BER\nuse R bolt\nsupply bolt BER d-3 9\nsupply bolt BER d6 9\n"
        "want A bolt 5 DE",
        "A 5 BER d6 d7 bolt:BER@d6*5",
    ),
    "nothing beyond the horizon": (
        "rule R horizon=10\nsource R 1 ship BER\nuse R bolt\nsupply bolt BER d20 9\nwant A bolt 5 DE",
        "A 5 -",
    ),
    "from the fence on what is there is kept for others": (
        "rule R make_first=10\nsource R 1 ship BER\nsource R 2 buy BER by=acme\nuse R bolt\nbuys bolt acme 7\n"
        "supply bolt BER hand 9\nwant A bolt 5 DE ship=d12\nwant B bolt 5 DE ship=d10",
        "A 5 BER d12 d13 buy*5@d12\nB 5 BER d10 d11 bolt:BER@hand*5",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_rules(case: str) -> None:
    text, told = CASES[case]
    made = World(BERLIN_AND_HAMBURG + text)
    assert made.told(made.plan()) == told


PROFIT = """
site BER 0
site HAM 0
site SUP 0
lane BER DE 1 40
lane HAM DE 1 28
lane SUP DE 1 15
rule R mode=ptp {terms}
source R 1 ship BER
source R 2 ship HAM
source R 3 drop_ship SUP by=acme
use R bolt
buys bolt acme 3
supply bolt BER hand 1
supply bolt HAM hand 1
want A bolt 1 DE arrive=d3
"""


@pytest.mark.parametrize(
    ("terms", "site"),
    [("late=5 floor=0", "HAM"), ("late=5", "SUP"), ("late=7", "HAM"), ("late=5 floor=2", "SUP"), ("floor=1", "HAM")],
)
def test_profit_chooses_what_costs_least(terms: str, site: str) -> None:
    """AT-GOP-P: Berlin 40 and Hamburg 28 on time, the supplier 15 and two days late."""
    made = World(PROFIT.format(terms=terms))
    promise = made.plan()[0]
    assert promise.pieces[0].site_code == site
    lost = {row[0]: row[3] for row in promise.reason["candidates"]}
    assert lost["BER"] == "dearer"
    assert lost[site] == ""


DIVIDED = """
site BER 0
lane BER DE 1
supply bolt BER hand {now}
supply bolt BER d5 100
want A bolt 100 DE split=dates least=30
"""


@pytest.mark.parametrize(("now", "pieces"), [(25, [100]), (40, [40, 60]), (80, [70, 30]), (100, [100])])
def test_no_piece_is_smaller_than_the_least(now: int, pieces: list[int]) -> None:
    """AT-GOP-T: of 100 at least 30: 25 are not sent ahead, 40 are; and what stays behind is no crumb either."""
    made = World(DIVIDED.format(now=now))
    promise = made.plan()[0]
    assert [piece.quantity for piece in promise.pieces] == pieces
    assert not promise.unpromised


def test_what_would_come_too_late_is_not_promised() -> None:
    text = BERLIN_AND_HAMBURG + "supply bolt BER d9 9\nwant A bolt 5 DE latest=d9\nwant B bolt 5 DE latest=d10"
    made = World(text)
    early, late = made.plan()
    assert made.told([early, late]) == "A 5 -\nB 5 BER d9 d10 bolt:BER@d9*5"
    assert early.reason["why"] == "too_late"
    assert early.reason["could"][0]["arrive_on"] == "2026-03-11"
